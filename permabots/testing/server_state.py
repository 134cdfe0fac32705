"""What the stand-ins for Messenger and Kik remember alike."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from time import time

from permabots.testing.faults import FaultBook
from permabots.testing.journal import Journal, Sent
from permabots.values import Json


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a bot is to be told.

    Args:
        bot: whom: the page's id, the bot's username.
        chat_id: where it happened, for Messenger the person (PSID).
        id: the messenger's, "" for none.
        body: as the messenger describes it.
    """

    bot: str
    chat_id: str
    id: str
    body: dict[str, Json]


@dataclass(slots=True)
class Chat:
    """A chat as one bot sees it."""

    history: list[dict[str, Json]] = field(default_factory=list)
    """From both sides, in order; what the bot sent is in `sent` too."""
    sent: list[dict[str, Json]] = field(default_factory=list)
    last_message: float | None = None
    """When a person last wrote or pressed, in seconds since 1970; None for never."""


class ServerState:
    """Chats, credentials and the journal. Hold `lock` while reading or changing them."""

    def __init__(self, seed: int = 0) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Notified when a message is sent and when an attempt at a delivery has ended."""
        self._chats: dict[str, dict[str, Chat]] = {}
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

    def chat(self, bot: str, chat_id: str) -> Chat:
        """Return a chat; the first mention makes it."""
        return self._chats.setdefault(chat_id, {}).setdefault(bot, Chat())

    def known_chat(self, bot: str, chat_id: str) -> Chat | None:
        """Return a chat, None where nothing has happened in it."""
        return self._chats.get(chat_id, {}).get(bot)

    def keep(self, sent: Sent, record: dict[str, Json]) -> None:
        """Write an accepted message down and show it to people; the lock is held."""
        chat = self.chat(sent.bot, sent.chat_id)
        chat.history.append(record)
        chat.sent.append(record)
        self.journal.sent.append(sent)
        self.changed.notify_all()

    def of_chat(self, chat_id: str, bot: str) -> list[Chat]:
        """Return a chat as one bot, or for "" every one, sees it."""
        return [chat for name, chat in self._chats.get(chat_id, {}).items() if bot in ("", name)]
