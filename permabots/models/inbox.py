"""Incoming messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from permabots.models.base import MachineColumns, ProviderProxy
from permabots.models.conversation import Conversation, QueueQuerySet
from permabots.models.fields import ProvidedId, ProvidedText
from permabots.values import Inbound, Kind, Sender


class InboundMessage(MachineColumns):
    """One event of a provider, stored before it is acknowledged.

    Attributes:
        conversation: the conversation that it belongs to.
        bot: the conversation's bot, repeated so that one index finds the newest messages of a bot. It has no constraint
            of its own (the conversation's bot has one): each insert would lock the bot's row.
        provider: the provider's slug.
        integration_id: the account's row whose webhook received it.
        external_id: the provider's id of the event; unique in the integration, so a redelivered event is stored once.
        provider_sequence: the provider's own order in the conversation.
        kind: text, button or ignored (see `Kind`).
        text: the text in which patterns are searched; None for an ignored event.
        reply_to: the id of the message that an answer may quote.
        sender: the fields of the `Sender`; None where the provider does not describe the person.
        raw: the event as it came.
        status: see `Status`.
        attempts: turns begun; more than one means that a worker died or lost its lease in between.
        error: why it failed, is parked, was skipped or is ignored.
        trace: the trace of its turn.
        received_at: the time when it was stored.
        handled_at: the time when it was finished.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"
        PARKED = "parked"
        IGNORED = "ignored"
        SKIPPED = "skipped"

    MACHINE = frozenset({"status", "attempts", "error", "trace", "handled_at"})
    UNFINISHED = (Status.PENDING,)

    is_counted = False
    """Whether the statement that found the row has counted the turn that it is found for. Not a column."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="inbound", db_index=False)
    bot = models.ForeignKey(
        "permabots.Bot", models.CASCADE, related_name="messages", db_index=False, db_constraint=False, editable=False
    )
    provider = models.CharField(max_length=30)
    integration_id = models.UUIDField()
    external_id = ProvidedId(max_length=200)
    provider_sequence = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    text = ProvidedText(null=True, blank=True)  # NULL: no text at all; "" is matched
    reply_to = ProvidedId(max_length=150, blank=True, default="")
    sender = models.JSONField(null=True, blank=True)
    raw = models.JSONField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    error = ProvidedText(blank=True, default="")
    trace = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["integration_id", "external_id"], name="permabots_inbound_once"),
        ]
        indexes = [
            models.Index(fields=["bot", "-id"], name="permabots_inbound_newest"),
            models.Index(fields=["conversation", "status"], name="permabots_inbound_queue"),
            models.Index(fields=["conversation"], name="permabots_inbound_pending", condition=Q(status="pending")),
            models.Index(
                fields=["bot", "-id"], name="permabots_inbound_trouble", condition=Q(status__in=("parked", "failed"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id} ({self.status})"

    def inbound(self) -> Inbound:
        """Return the event as a value for the provider's code. This reads the conversation."""
        return Inbound(
            external_id=self.external_id,
            provider_sequence=self.provider_sequence,
            kind=Kind(self.kind),
            text=self.text,
            chat_id=self.conversation.chat_id,
            user_id=self.conversation.user_id,
            raw=self.raw,
            sender=Sender(**self.sender) if self.sender else None,
            reply_to=self.reply_to,
            reason=self.error if self.kind == Kind.IGNORED else "",
        )


class TelegramUpdate(ProviderProxy, InboundMessage):
    """Updates of Telegram."""

    PROVIDER = "telegram"

    class Meta:
        proxy = True

    @property
    def update_id(self) -> int:
        return self.provider_sequence


class KikMessage(ProviderProxy, InboundMessage):
    """Messages of Kik."""

    PROVIDER = "kik"

    class Meta:
        proxy = True


class MessengerMessage(ProviderProxy, InboundMessage):
    """Messages of Messenger."""

    PROVIDER = "messenger"

    class Meta:
        proxy = True
