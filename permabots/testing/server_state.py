"""What the stand-in messengers remember alike."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from typing import Generic, TypeVar

from permabots.testing.faults import FaultBook
from permabots.testing.journal import Id, Journal, Sent
from permabots.values import Json


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a bot is to be told.

    Args:
        bot: whom.
        chat_id: where it happened, for Messenger the person (PSID).
        id: the messenger's, "" for none.
        body: as the messenger describes it.
    """

    bot: Id
    chat_id: Id
    id: Id
    body: dict[str, Json]


@dataclass(slots=True)
class Chat:
    """A chat as one bot sees it."""

    history: list[dict[str, Json]] = field(default_factory=list)
    """From both sides, in order; what the bot sent is in `sent` too."""
    sent: list[dict[str, Json]] = field(default_factory=list)
    last_message: float | None = None
    """When a person last wrote or pressed, in seconds since 1970; None for never."""


AnyChat = TypeVar("AnyChat", bound=Chat)


class ServerState(Generic[AnyChat]):
    """Chats, credentials and the journal. Hold `lock` while reading or changing them.

    Args:
        new_chat: makes a chat that is mentioned for the first time, from its id.
        seed: of every draw.
    """

    def __init__(self, new_chat: Callable[[Id], AnyChat], seed: int = 0) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Notified when a message is sent, and when an event comes, is tried or goes."""
        self.chats: dict[Id, dict[Id, AnyChat]] = {}
        """By their ids, and then by the bot that sees them."""
        self._new_chat = new_chat
        self.revoked: set[str] = set()
        self.journal = Journal()
        self.faults = FaultBook(seed)
        self.random = random.Random(seed)  # noqa: S311 (a repeatable draw, no secret)
        self._latest = 0

    def moment(self) -> int:
        """Return the time in milliseconds since 1970, later than any returned before."""
        with self.lock:
            self._latest = max(self._latest + 1, int(time() * 1000))
            return self._latest

    def chat(self, bot: Id, chat_id: Id) -> AnyChat:
        """Return a chat; the first mention makes it."""
        seen = self.chats.setdefault(chat_id, {})
        if bot not in seen:
            seen[bot] = self._new_chat(chat_id)
        return seen[bot]

    def known_chat(self, bot: Id, chat_id: Id) -> AnyChat | None:
        """Return a chat, None where nothing has happened in it."""
        return self.chats.get(chat_id, {}).get(bot)

    def keep(self, sent: Sent, record: dict[str, Json]) -> None:
        """Write an accepted message down and show it to people; the lock is held."""
        chat = self.chat(sent.bot, sent.chat_id)
        chat.history.append(record)
        chat.sent.append(record)
        self.journal.sent.append(sent)
        self.changed.notify_all()

    def of_chat(self, chat_id: Id, bot: Id) -> list[AnyChat]:
        """Return a chat as one bot, or for "" every one, sees it."""
        return [chat for name, chat in self.chats.get(chat_id, {}).items() if bot in ("", name)]
