"""Outgoing messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from permabots.models.base import MachineColumns
from permabots.models.callback_data import CallbackData
from permabots.models.conversation import Conversation, QueueQuerySet
from permabots.models.fields import ProvidedId, ProvidedText
from permabots.models.hook import Recipient
from permabots.models.inbox import InboundMessage
from permabots.models.notification import Notification
from permabots.values import Payload


class OutboundQuerySet(QueueQuerySet["OutboundMessage"]):
    def in_order(self) -> Self:
        """Return the rows in the order in which the unfinished rows of one conversation are sent.

        First the group that was begun (its first part was sent or tried), so that no message comes between its parts;
        then answers before notifications; then group by group, part by part.
        """
        waiting_head = OutboundMessage.objects.unfinished().filter(
            Q(inbound=OuterRef("inbound")) | Q(inbound=None, notification=OuterRef("notification")),
            conversation=OuterRef("conversation"),
            part=0,
        )
        begun = Q(attempts__gt=0) | Q(part__gt=0) & ~Exists(waiting_head)
        return self.annotate(rank=Case(When(begun, then=Value(0)), default=Value(1))).order_by(
            "rank", F("notification_id").asc(nulls_first=True), "inbound_id", "part", "id"
        )

    def store(
        self, payloads: Sequence[Payload], *, conversation: Conversation, **options: Any
    ) -> list[OutboundMessage]:
        """Insert the rows of one group, and the button data of their tokens; arguments and result as in `make`."""
        kept = {token: data for payload in payloads for token, data in payload.stored_callback_data.items()}
        if kept:
            CallbackData.objects.keep(conversation.bot_id, kept)
        return self.bulk_create(self.make(payloads, conversation=conversation, **options))

    def make(
        self,
        payloads: Sequence[Payload],
        *,
        conversation: Conversation,
        started: bool = False,
        skipped: str = "",
        **group: Any,
    ) -> list[OutboundMessage]:
        """Return the rows of one group, not stored yet.

        Args:
            payloads: the calls, in order.
            conversation: the conversation that they are for.
            started: whether the caller itself sends the first row right after the commit: the row is stored as claimed.
            skipped: why the rows are not sent at all, "" for rows that are.
            group: ``inbound`` or ``notification``, and ``recipient``.

        Returns:
            The rows, in order.
        """
        made = [
            OutboundMessage(conversation=conversation, part=part, payload=OutboundMessage.stored(payload), **group)
            for part, payload in enumerate(payloads)
        ]
        for row in made if skipped else ():
            row.status, row.error = OutboundMessage.Status.SKIPPED, skipped
        if started and made:
            made[0].status, made[0].attempts, made[0].is_new = OutboundMessage.Status.STARTED, 1, True
        return made


class OutboundMessage(MachineColumns):
    """One call to a provider, stored with its turn. The rows of one answer are a group.

    Attributes:
        conversation: the conversation, whose lease the sender must have.
        inbound: the incoming message that it answers; or
        notification: the notification that it delivers. One of the two is its group.
        recipient: the hook's recipient; None for an answer, and where the recipient was deleted.
        part: its position in the group, from 0.
        payload: the call, without credentials: ``method``, ``body``, ``optional``; ``plain`` where it was refused and
            now has its plainest form; ``whole_chat`` where it was refused for its topic; ``fallback`` where it was
            refused in every form and now has the bot's fallback text.
        status: see `Status`.
        attempts: claims; more than one shows every message that may have been sent twice.
        interrupted: claims without a result: the worker died, or an unexpected error was raised.
        slot_reserved: whether its slot in the provider's rate is reserved: the slot comes when the conversation is due.
        provider_message_id: the provider's id of the sent message.
        error: the last refusal, why it waits for a key, or why it is parked or skipped; for a sent message, why it was
            sent in another form.
        created_at: the time when it was stored.
        sent_at: the time when the provider accepted it.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        STARTED = "started"
        SENT = "sent"
        PARKED = "parked"
        SKIPPED = "skipped"

    MACHINE = frozenset(
        {"payload", "status", "attempts", "interrupted", "slot_reserved", "provider_message_id", "error", "sent_at"}
    )
    UNFINISHED = (Status.PENDING, Status.STARTED)

    is_new = False
    """Whether the turn that this process has just committed claimed the row. Not a column."""
    is_booked = False
    """Whether that turn also booked its place in the provider's rates. Not a column."""
    is_booked_in_chat = False
    """Whether it booked the place in the chat's rate at least. Not a column."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="outbound", db_index=False)
    inbound = models.ForeignKey(InboundMessage, models.CASCADE, null=True, blank=True, related_name="outbound")
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, blank=True, related_name="outbound")
    recipient = models.ForeignKey(Recipient, models.SET_NULL, null=True, blank=True, related_name="outbound")
    part = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    interrupted = models.PositiveIntegerField(default=0)
    slot_reserved = models.BooleanField(default=False)
    provider_message_id = ProvidedId(max_length=200, blank=True, default="")
    error = ProvidedText(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = OutboundQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(inbound=None, notification__isnull=False) | Q(inbound__isnull=False, notification=None),
                name="permabots_outbound_one_group",
            ),
            models.UniqueConstraint(fields=["inbound", "part"], name="permabots_outbound_reply"),
            models.UniqueConstraint(fields=["notification", "conversation", "part"], name="permabots_outbound_notice"),
        ]
        indexes = [
            models.Index(fields=["conversation", "status"], name="permabots_outbound_queue"),
            models.Index(
                fields=["conversation"], name="permabots_outbound_open", condition=Q(status__in=("pending", "started"))
            ),
            models.Index(fields=["conversation"], name="permabots_outbound_parked", condition=Q(status="parked")),
        ]

    def __str__(self) -> str:
        return f"outbound {self.pk} ({self.status})"

    @property
    def keeps_error(self) -> bool:
        """Whether the error says for good in which other form the row is sent."""
        return bool(self.payload.keys() & {"plain", "whole_chat"})

    def call(self) -> Payload:
        """Return the stored call."""
        flags = {name: self.payload.get(name, False) for name in ("optional", "plain")}
        return Payload(self.payload["method"], self.payload["body"], key=str(self.pk), **flags)

    @staticmethod
    def stored(payload: Payload) -> dict[str, object]:
        """Return a call as the JSON of the column `payload`."""
        plain = {"plain": True} if payload.plain else {}
        return {"method": payload.method, "body": dict(payload.body), "optional": payload.optional, **plain}
