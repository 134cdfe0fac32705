"""Chats: the state that all conversations of one chat share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from permabots.database import atomic
from permabots.models.base import MachineColumns
from permabots.models.fields import ProvidedId

if TYPE_CHECKING:
    from permabots.models.conversation import Conversation


GONE_DAYS = 30
"""Days for which hooks send nothing to a chat that could not be reached, unless a person writes there: each call would
be refused."""

TRIES = 10
"""How often `write` creates the row and finds it deleted again, before it takes the bot for deleted."""


class ChatQuerySet(models.QuerySet["Chat"]):
    """Chats are found by a conversation in them, and created by the first write."""

    def of(self, conversation: Conversation) -> ChatQuerySet:
        """Return the row of a conversation's chat: one at most."""
        return self.filter(bot=conversation.bot_id, provider=conversation.provider, chat_id=conversation.chat_id)

    def add(self, conversation: Conversation) -> None:
        """Create the row of a conversation's chat, with empty columns, unless there is one or the conversation is gone.

        Locked, the conversation cannot be deleted meanwhile: whoever is forgotten leaves no chat behind.
        """
        talks: Any = self.model._meta.apps.get_model("permabots", "Conversation")._base_manager
        with atomic():
            if conversation.pk and not talks.select_for_update().filter(pk=conversation.pk).exists():
                return
            row = self.model(bot_id=conversation.bot_id, provider=conversation.provider, chat_id=conversation.chat_id)
            self.bulk_create([row], ignore_conflicts=True)

    def write(self, conversation: Conversation, **values: Any) -> None:
        """Set columns of the row of a conversation's chat; create the row where there is none.

        A purge may delete an empty row before it is written; then the row is created again. The row of a deleted bot
        can never be created: MySQL ignores the missing foreign key as it ignores a duplicate row.

        Args:
            conversation: a conversation of the chat.
            values: the values by column.
        """
        for _ in range(TRIES):
            if self.of(conversation).update(**values):
                return
            self.add(conversation)

    def postpone(self, conversation: Conversation, seconds: float) -> None:
        """Make a conversation's chat wait for at least ``seconds`` from now; a longer wait stays."""
        not_before = Now() + timedelta(seconds=seconds)
        self.write(
            conversation,
            not_before=Greatest(Coalesce("not_before", not_before), not_before, output_field=models.DateTimeField()),
        )

    def mark_gone(self, conversation: Conversation) -> None:
        """Note that a conversation's chat cannot be reached."""
        self.write(conversation, gone=Now())

    def unreachable(self, conversations: Collection[Conversation]) -> set[tuple[str, str]]:
        """Return the chats that could not be reached less than `GONE_DAYS` ago, and in which nobody has written since.

        Args:
            conversations: conversations whose chats are looked up.

        Returns:
            The provider and the id of each chat.
        """
        chats = self.filter(
            bot__in={row.bot_id for row in conversations}, chat_id__in={row.chat_id for row in conversations}
        )
        lately = chats.filter(gone__gt=Now() - timedelta(days=GONE_DAYS))
        same = {name: OuterRef(name) for name in ("bot", "provider", "chat_id")}
        talks = self.model._meta.apps.get_model("permabots", "Conversation")._base_manager
        wrote = Exists(talks.filter(**same, last_received_at__gt=OuterRef("gone")))
        return set(lately.filter(~wrote).values_list("provider", "chat_id"))


class Chat(MachineColumns):
    """A chat of a bot. A group has a conversation for each person; the columns of its chat count for all of them.

    A chat has a row only while one of its columns has a meaning: the first message that uses its rate or has to wait
    creates the row, and ``permabots_purge`` deletes it later.

    Attributes:
        bot: the bot.
        provider: the provider's slug.
        chat_id: the provider's id of the chat.
        not_before: no message is sent or answered before this time; None for now.
        rate_tat: the theoretical arrival time (TAT) of the provider's rate for a chat: when all messages so far have
            gone out at that rate; None before the first.
        gone: the time when the provider last said that the chat cannot be reached. It counts until a person writes.
    """

    MACHINE = frozenset({"chat_id", "not_before", "rate_tat", "gone"})

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="+", db_index=False)
    provider = models.CharField(max_length=30)
    chat_id = ProvidedId(max_length=150, blank=True)
    not_before = models.DateTimeField(null=True, editable=False)
    rate_tat = models.DateTimeField(null=True, editable=False)
    gone = models.DateTimeField(null=True, editable=False)

    objects = ChatQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "provider", "chat_id"], name="permabots_chat_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.chat_id}"


def is_due() -> Q:
    """Return the condition that a row is due now, by the database's clock."""
    return Q(not_before=None) | Q(not_before__lte=Now())


def chat_waits() -> Exists:
    """Return the condition, on conversations, that their chat has to wait."""
    return Exists(_chat_of("").filter(not_before__gt=Now()))


def chat_due(conversation: str = "") -> Combinable:
    """Return the time when the chat of a row's conversation is due, as an expression; None where the chat has no row.

    Args:
        conversation: the look-up of the conversation, with ``__`` at its end; "" where the row is a conversation.
    """
    return Subquery(_chat_of(conversation).values("not_before")[:1])


def _chat_of(conversation: str) -> models.QuerySet[Chat]:
    names = ("bot", "provider", "chat_id")
    return Chat.objects.filter(**{name: OuterRef(f"{conversation}{name}") for name in names})
