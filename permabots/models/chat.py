"""What a provider says about a chat, for all conversations in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from permabots.models.base import MachineColumns
from permabots.models.fields import ProvidedId

if TYPE_CHECKING:
    from permabots.models.conversation import Conversation


GONE_DAYS = 30
"""Who could not be reached is told nothing by hooks for so long, unless they write: each call would be refused."""

TRIES = 10
"""As often a row is made and found gone before its bot is taken for deleted."""


class ChatQuerySet(models.QuerySet["Chat"]):
    """Rows are found by their chat, and made by whoever has something to say of it."""

    def of(self, conversation: Conversation) -> ChatQuerySet:
        """Return the row of a conversation's chat: one at most."""
        return self.filter(bot=conversation.bot_id, provider=conversation.provider, chat_id=conversation.chat_id)

    def add(self, conversation: Conversation) -> None:
        """Make the row of a conversation's chat, empty; where there is one nothing happens."""
        row = self.model(bot_id=conversation.bot_id, provider=conversation.provider, chat_id=conversation.chat_id)
        self.bulk_create([row], ignore_conflicts=True)

    def write(self, conversation: Conversation, **values: Any) -> None:
        """Set columns of a chat's row, which is made where there is none.

        A purge may delete an empty row before it is written: then it is made again. One that never stays is a deleted
        bot's, where MySQL passes over the missing key as it does over a row that is there.
        """
        for _ in range(TRIES):
            if self.of(conversation).update(**values):
                return
            self.add(conversation)

    def postpone(self, conversation: Conversation, seconds: float) -> None:
        """Let nothing happen in a conversation's chat before ``seconds`` from now; a longer wait stays."""
        not_before = Now() + timedelta(seconds=seconds)
        self.write(
            conversation,
            not_before=Greatest(Coalesce("not_before", not_before), not_before, output_field=models.DateTimeField()),
        )

    def mark_gone(self, conversation: Conversation) -> None:
        """Note that nobody is reached in a conversation's chat."""
        self.write(conversation, gone=Now())

    def unreachable(self, conversations: Collection[Conversation]) -> set[tuple[str, str]]:
        """Return the chats in which nobody was reached less than `GONE_DAYS` ago, and nobody has written since.

        Args:
            conversations: of one bot.

        Returns:
            Their providers and ids.
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
    """What a provider says about a chat of a bot. A group holds a conversation for each person; this holds for all.

    There is a row while there is something to say: the first who books or has to wait makes it, and
    ``permabots_purge`` deletes one that says nothing any more.

    Attributes:
        bot: which bot's.
        provider: on which messenger.
        chat_id: the provider's id of the chat.
        not_before: nothing is sent or answered here before; None for now.
        rate_tat: when its messages so far are through at the provider's rate for a chat; None before the first.
        gone: when the provider last said that nobody is reached here. It counts until somebody writes.
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
    """The condition that something may happen in a row's chat now, by the database's clock."""
    return Q(not_before=None) | Q(not_before__lte=Now())


def chat_waits() -> Exists:
    """The condition, on conversations, that their chat has to wait."""
    return Exists(_chat_of("").filter(not_before__gt=Now()))


def chat_due(conversation: str = "") -> Combinable:
    """Return when the chat of a row's conversation is due, None where nothing is said of it.

    Args:
        conversation: the look-up of the conversation, with ``__`` behind it; "" where the row is one.
    """
    return Subquery(_chat_of(conversation).values("not_before")[:1])


def _chat_of(conversation: str) -> models.QuerySet[Chat]:
    names = ("bot", "provider", "chat_id")
    return Chat.objects.filter(**{name: OuterRef(f"{conversation}{name}") for name in names})
