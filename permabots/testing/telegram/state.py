"""What the stand-in Telegram remembers: bots, their webhooks and waiting updates, chats and their messages."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from permabots.testing.telegram.errors import unauthorized
from permabots.testing.updates import chat as new_chat
from permabots.values import Json

_TOKEN = re.compile(r"(\d+):[-_A-Za-z0-9]+")


@dataclass(slots=True)
class Waiting:
    """An update on its way to a bot.

    Args:
        update: the update.
        since: when it happened, by `time.monotonic`.
    """

    update: dict[str, Json]
    since: float = field(default_factory=monotonic)


@dataclass(slots=True)
class Webhook:
    """Where a bot's updates go; ``url`` "" for nowhere."""

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = 40
    allowed: list[str] = field(default_factory=list)
    last_error: str = ""
    last_error_date: int = 0


@dataclass(slots=True)
class Bot:
    """A bot's account."""

    number: int
    username: str
    first_name: str
    webhook: Webhook = field(default_factory=Webhook)
    pending: dict[int, Waiting] = field(default_factory=dict)
    """Undelivered updates by a number of our own, in the order they happened; one may be there twice."""
    taken: int = 0
    """The last such number given."""
    callbacks: dict[str, float] = field(default_factory=dict)
    """Button presses by callback query id, with the time."""
    next_update_id: int = field(default_factory=lambda: int(time() * 1000))
    """Begins at the clock, so that a server started anew gives no number twice."""
    revoked: set[str] = field(default_factory=set, repr=False)

    def account(self) -> dict[str, Json]:
        """Return its Telegram User."""
        return {"id": self.number, "is_bot": True, "first_name": self.first_name, "username": self.username}


@dataclass(slots=True)
class Chat:
    """A chat as one bot sees it."""

    about: dict[str, Json]
    messages: dict[int, dict[str, Json]] = field(default_factory=dict)
    """By id; from both sides, in order."""
    next_message_id: int = 1
    markup: dict[str, Json] = field(default_factory=dict)
    """The keyboard that is shown now."""
    markup_message: int = 0
    """The message it came with."""


class TelegramState:
    """Everything known. Hold `lock` while reading or changing it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Notified when a message is sent or an update comes or goes."""
        self.bots: dict[int, Bot] = {}
        self.chats: dict[tuple[int, int], Chat] = {}
        self.migrated: dict[int, int] = {}

    def bot(self, token: str) -> Bot:
        """Return the bot that calls with a token.

        Raises:
            ApiError: 401, the token is malformed, contains REJECT or was revoked.
        """
        match = _TOKEN.fullmatch(token)
        if match is None or "REJECT" in token:
            raise unauthorized()
        with self.lock:
            bot = self.account(int(match[1]))
            if token in bot.revoked:
                raise unauthorized()
            return bot

    def account(self, number: int) -> Bot:
        """Return a bot by its number; the first mention makes its account."""
        bot = self.bots.get(number)
        if bot is None:
            bot = self.bots[number] = Bot(number, f"fake_{number}_bot", f"Fake {number}")
        return bot

    def chat(self, bot: Bot, chat_id: int, about: dict[str, Json] | None = None) -> Chat:
        """Return a chat; the first mention makes it, and ``about`` brings its description up to date."""
        chat = self.chats.get((bot.number, chat_id))
        if chat is None:
            chat = self.chats[bot.number, chat_id] = Chat(about or new_chat(chat_id))
        elif about is not None:
            chat.about = about
        return chat

    def of_chat(self, chat_id: int, bot: int | None = None) -> list[Chat]:
        """Return what every bot, or one, sees of a chat."""
        numbers = self.bots if bot is None else [bot]
        return [self.chats[number, chat_id] for number in numbers if (number, chat_id) in self.chats]


def update_kind(update: dict[str, Json]) -> str:
    """Return the name of an update's only field besides ``update_id``; "" where it has none."""
    return next((key for key in update if key != "update_id"), "")


def queue_key(update: dict[str, Json]) -> tuple[str, Any]:
    """Return the queue that Telegram puts an update in: a chat's, and for button presses and members a person's."""
    kind = update_kind(update)
    event = update.get(kind)
    if not isinstance(event, dict):
        return ("other", 0)
    if kind in ("callback_query", "my_chat_member", "chat_member", "inline_query"):
        return (kind, event.get("from", {}).get("id"))
    return ("chat", event.get("chat", {}).get("id"))
