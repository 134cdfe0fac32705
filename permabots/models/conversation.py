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
        provider: on which messenger.
        external_id: the provider's id of the account.
        username: the public handle, "" where there is none. Not unique: people rename themselves.
        first_name: as given.
        last_name: as given.
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
    """Conversations that nobody works on and that are due, by the database's clock; their chats, too."""
    return Q(Q(lease_token=None) | Q(lease_expires_at__lt=Now()), is_due(), ~chat_waits())


def _at_least(not_before: Combinable) -> Combinable:
    """Return a conversation's due time, or ``not_before`` where that is later."""
    return Greatest(Coalesce(F("not_before"), not_before), not_before, output_field=models.DateTimeField())


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """The lease: three conditional updates, each a transaction of its own outside of a turn."""

    def take(self, pk: int, lease_token: UUID, seconds: float) -> bool:
        """Take the conversation's lease for ``seconds``; False when somebody else has it or it is not due."""
        lease_expires_at = Now() + timedelta(seconds=seconds)
        return bool(self.filter(claimable(), pk=pk).update(lease_token=lease_token, lease_expires_at=lease_expires_at))

    def renew(self, pk: int, lease_token: UUID, seconds: float, **values: Any) -> bool:
        """Extend a lease that is still this owner's, run out or not, and set ``values``; False when it was taken."""
        return bool(
            self.filter(pk=pk, lease_token=lease_token).update(
                lease_expires_at=Now() + timedelta(seconds=seconds), **values
            )
        )

    def release(self, pk: int, lease_token: UUID, wait: float | None = None) -> bool:
        """Give the lease back, and let nothing happen before ``wait`` seconds from now; False when it was taken."""
        values = {} if wait is None else {"not_before": _at_least(Now() + timedelta(seconds=wait))}
        return bool(
            self.filter(pk=pk, lease_token=lease_token).update(
                lease_token=None, lease_expires_at=None, last_woken_at=None, **values
            )
        )

    def due_in(self, pk: int) -> float | None:
        """Return in how many seconds a conversation that nobody works on is due; None where that is not to come."""
        free = self.filter(Q(lease_token=None) | Q(lease_expires_at__lt=Now()), pk=pk).annotate(
            chat_due=chat_due(), now=Now()
        )
        found: Any = free.values_list("not_before", "chat_due", "now").first()
        waits = (
            [(not_before - found[2]).total_seconds() for not_before in found[:2] if not_before is not None]
            if found
            else []
        )
        wait = max(waits, default=0.0)
        return wait if wait > 0 else None


class Conversation(MachineColumns):
    """One chat with one person, in one topic: what is answered one after another, by one worker at a time.

    Attributes:
        bot: whose it is.
        provider: on which messenger.
        chat_id: the provider's id of the chat; "" holds events that belong to none.
        user_id: the person in it, "" where there is none (never NULL, so that it is unique).
        topic: the topic of the chat: of a recipient that names one, and of messages where the bot keeps topics apart
            (`Bot.separate_topics`); "" for the whole chat.
        contact: the person as the provider described them last.
        lease_token: the token of the worker's lease, None when nobody works on it; new for every take.
        lease_expires_at: when the lease runs out, by the database's clock.
        not_before: nothing happens here before, whatever its chat says; None for now.
        last_woken_at: when a sweep last woke it, None since a worker has looked at it.
        last_provider_sequence: the highest of the provider's numbers answered so far, None before the first; since a
            week of silence after which a provider may have begun to count anew.
        last_received_at: when the newest message answered so far was stored.
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
    """The fence of a row's write: its conversation's lease is still this owner's.

    Args:
        lease_token: the token of the lease.
        due: also demand that the conversation and its chat are due (another one in the same group may have been told to
            wait).
        also: further look-ups on the conversation.

    Returns:
        A condition for ``filter``: one statement on every database, unlike a join in an UPDATE on MySQL.
    """
    held = Conversation.objects.filter(pk=OuterRef("conversation_id"), lease_token=lease_token, **also)
    return Exists(held.filter(is_due(), ~chat_waits()) if due else held)


class QueueQuerySet(models.QuerySet[Row]):
    """Rows of a conversation that go through statuses."""

    def unfinished(self) -> Self:
        """Rows that somebody still has to do something with."""
        return self.filter(status__in=self.model.UNFINISHED)  # type: ignore[attr-defined] # each such row says

    def with_lease(self, lease_token: UUID, *, due: bool = False, **also: Any) -> Self:
        """Rows whose conversation this owner still holds (see `lease_is_mine`)."""
        return self.filter(lease_is_mine(lease_token, due=due, **also))

    def count_attempt(self, **values: object) -> int:
        """Raise ``attempts`` by one and set ``values``; the number of rows that were still there to be counted."""
        return self.update(attempts=F("attempts") + 1, **values)
