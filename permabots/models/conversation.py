"""Conversations, and the people in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from permabots.models.base import MachineColumns, PermabotsModel, ProviderProxy
from permabots.models.chat import chat_due, chat_waits, is_due
from permabots.models.fields import ProvidedId, ProvidedName
from permabots.values import Identity, Sender

Row = TypeVar("Row", bound=models.Model)


class Contact(PermabotsModel):
    """A person or a bot's own account, as the provider describes it.

    Attributes:
        provider: the provider's slug.
        external_id: the provider's id of the account.
        username: the public handle, "" where there is none. Not unique: people rename themselves.
        first_name: the first name, "" where there is none.
        last_name: the last name, "" where there is none.
    """

    provider = models.CharField(max_length=30)
    external_id = ProvidedId(max_length=150)
    username = ProvidedName(max_length=255, blank=True, default="")
    first_name = ProvidedName(max_length=255, blank=True, default="")
    last_name = ProvidedName(max_length=255, blank=True, default="")

    class Meta(PermabotsModel.Meta):
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="permabots_contact_once")]

    def __str__(self) -> str:
        return self.username or f"{self.first_name} {self.last_name}".strip() or self.external_id

    def person(self) -> Sender:
        return Sender(self.external_id, self.username, self.first_name, self.last_name)

    def identity(self) -> Identity:
        return Identity(self.external_id, self.username)


class TelegramUser(ProviderProxy, Contact):
    """Accounts of Telegram."""

    PROVIDER = "telegram"

    class Meta:
        proxy = True


class KikUser(ProviderProxy, Contact):
    """Accounts of Kik."""

    PROVIDER = "kik"

    class Meta:
        proxy = True


def claimable() -> Q:
    """Return the condition that a conversation has no valid lease, and that it and its chat are due."""
    return Q(Q(lease_token=None) | Q(lease_expires_at__lt=Now()), is_due(), ~chat_waits())


def _at_least(not_before: Combinable) -> Combinable:
    """Return a conversation's due time, or ``not_before`` where that is later."""
    return Greatest(Coalesce(F("not_before"), not_before), not_before, output_field=models.DateTimeField())


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """The lease: three conditional updates, each a transaction of its own outside of a turn."""

    def take(self, pk: int, lease_token: UUID, seconds: float) -> bool:
        """Take the lease of a conversation.

        Args:
            pk: the conversation.
            lease_token: the token of the new lease.
            seconds: how long the lease is valid.

        Returns:
            False when another worker has a valid lease, or the conversation is not due.
        """
        lease_expires_at = Now() + timedelta(seconds=seconds)
        return bool(self.filter(claimable(), pk=pk).update(lease_token=lease_token, lease_expires_at=lease_expires_at))

    def renew(self, pk: int, lease_token: UUID, seconds: float, **values: Any) -> bool:
        """Extend a lease, also one that has run out, and set columns.

        Args:
            pk: the conversation.
            lease_token: the token of the lease.
            seconds: how long the lease is valid from now.
            values: further columns to set.

        Returns:
            False when another worker has taken the lease.
        """
        return bool(
            self.filter(pk=pk, lease_token=lease_token).update(
                lease_expires_at=Now() + timedelta(seconds=seconds), **values
            )
        )

    def release(self, pk: int, lease_token: UUID, wait: float | None = None) -> bool:
        """Release a lease.

        Args:
            pk: the conversation.
            lease_token: the token of the lease.
            wait: how long the conversation has to wait at least, in seconds; None for not at all.

        Returns:
            False when another worker has taken the lease.
        """
        values = {} if wait is None else {"not_before": _at_least(Now() + timedelta(seconds=wait))}
        return bool(
            self.filter(pk=pk, lease_token=lease_token).update(
                lease_token=None, lease_expires_at=Now(), last_woken_at=None, **values
            )
        )

    def due_in(self, pk: int) -> float | None:
        """Return in how many seconds a conversation without a valid lease is due; None if it is due or has a lease."""
        free = self.filter(Q(lease_token=None) | Q(lease_expires_at__lt=Now()), pk=pk).annotate(
            chat_due=chat_due(), now=Now()
        )
        times: Any = free.values_list("not_before", "chat_due", "now").first()
        waits = (
            [(not_before - times[2]).total_seconds() for not_before in times[:2] if not_before is not None]
            if times
            else []
        )
        wait = max(waits, default=0.0)
        return wait if wait > 0 else None


class Conversation(MachineColumns):
    """One person in one chat, in one topic. Its messages are answered in order, by one worker at a time.

    Attributes:
        bot: the bot.
        provider: the provider's slug.
        chat_id: the provider's id of the chat; "" for events that belong to no chat.
        user_id: the id of the person, "" where the provider has none (never NULL, so that the constraint holds).
        topic: the topic of the chat: for recipients that name one, and for messages of a bot that separates topics
            (`Bot.separate_topics`); "" for the whole chat.
        contact: the person as the provider described them last.
        lease_token: the token of the lease, new for each lease; None while no worker has one.
        lease_expires_at: the time when the lease runs out or was given back, by the database's clock.
        not_before: the conversation has to wait until this time, besides its chat's `not_before`; None for now.
        last_woken_at: the time when a sweep last woke the conversation; None after a worker has looked at it.
        last_provider_sequence: the highest `provider_sequence` answered so far; None before the first. It starts over
            after a week without messages, since a provider may then count from the beginning.
        last_received_at: the time when the newest message answered so far was stored.
    """

    MACHINE = frozenset(
        {
            "chat_id",
            "user_id",
            "topic",
            "contact",
            "lease_token",
            "lease_expires_at",
            "not_before",
            "last_woken_at",
            "last_provider_sequence",
            "last_received_at",
        }
    )

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="conversations")
    provider = models.CharField(max_length=30)
    chat_id = ProvidedId(max_length=150, blank=True)
    user_id = ProvidedId(max_length=150, blank=True, default="")
    topic = ProvidedId(max_length=150, blank=True, default="")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="conversations")
    created_at = models.DateTimeField(auto_now_add=True)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)
    last_woken_at = models.DateTimeField(null=True, editable=False)
    last_provider_sequence = models.BigIntegerField(null=True, editable=False)
    last_received_at = models.DateTimeField(null=True, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "provider", "chat_id", "user_id", "topic"], name="permabots_conversation_once"
            )
        ]

    def __str__(self) -> str:
        person = f"/{self.user_id}" if self.user_id not in ("", self.chat_id) else ""
        return f"{self.provider} {self.chat_id}{person}{f' topic {self.topic}' if self.topic else ''}"


def lease_is_mine(lease_token: UUID, *, due: bool = False, **also: Any) -> Exists:
    """Return the condition that a worker still has the lease of a row's conversation: the fence of each write.

    Args:
        lease_token: the token of the worker's lease.
        due: also require that the conversation and its chat are due (another conversation of the group may have made
            the chat wait).
        also: further look-ups on the conversation.

    Returns:
        A condition for ``filter``: one statement on every database, unlike a join in an UPDATE on MySQL.
    """
    held = Conversation.objects.filter(pk=OuterRef("conversation_id"), lease_token=lease_token, **also)
    return Exists(held.filter(is_due(), ~chat_waits()) if due else held)


class QueueQuerySet(models.QuerySet[Row]):
    """Rows of a conversation that a worker works off, each with a status."""

    def unfinished(self) -> Self:
        """Return the rows with a status of `UNFINISHED`: a worker still has to work on them."""
        return self.filter(status__in=self.model.UNFINISHED)  # type: ignore[attr-defined] # each such row says

    def with_lease(self, lease_token: UUID, *, due: bool = False, **also: Any) -> Self:
        """Return the rows whose conversation's lease a worker still has; arguments as in `lease_is_mine`."""
        return self.filter(lease_is_mine(lease_token, due=due, **also))

    def count_attempt(self, **values: object) -> int:
        """Raise ``attempts`` by one and set columns.

        Args:
            values: the values by column.

        Returns:
            The number of rows that were updated.
        """
        return self.update(attempts=F("attempts") + 1, **values)
