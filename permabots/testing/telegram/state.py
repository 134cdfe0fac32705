"""What the stand-in Telegram remembers: bots, their webhooks and waiting updates, chats and their messages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from permabots.testing.server_state import Chat, ServerState
from permabots.testing.telegram.errors import unauthorized
from permabots.testing.updates import chat as new_chat
from permabots.testing.webhook_jobs import WebhookJob
from permabots.values import Json

_TOKEN = re.compile(r"(\d+):[-_A-Za-z0-9]+")


@dataclass(slots=True)
class Webhook:
    """Where a bot's updates go; ``url`` "" for nowhere."""

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = 40
    allowed: list[str] = field(default_factory=list)
    last_error: str = ""
    last_error_date: int = 0


@dataclass(slots=True, eq=False)
class WaitingUpdate(WebhookJob):
    """An update on its way to a bot, by its webhook or by getUpdates.

    Args:
        update: the update.
        key: in `Bot.pending`.
        happened: when it happened, by `time.monotonic`.
        webhook: where it was posted last.
    """

    update: dict[str, Json] = field(default_factory=dict)
    key: int = 0
    happened: float = field(default_factory=monotonic)
    webhook: Webhook = field(default_factory=Webhook)


@dataclass(slots=True)
class Bot:
    """A bot's account."""

    number: int
    username: str
    first_name: str
    webhook: Webhook = field(default_factory=Webhook)
    pending: dict[int, WaitingUpdate] = field(default_factory=dict)
    """Undelivered updates by a number of our own, in the order they happened; one may be there twice."""
    taken: int = 0
    """The last such number given."""
    callbacks: dict[str, float] = field(default_factory=dict)
    """Button presses by callback query id, with the time."""
    next_update_id: int = field(default_factory=lambda: int(time() * 1000))
    """Begins at the clock, so that a server started anew gives no number twice."""

    def account(self) -> dict[str, Json]:
        """Return its Telegram User."""
        return {"id": self.number, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def wait(self, update: dict[str, Json]) -> WaitingUpdate:
        """Let an update wait."""
        self.taken += 1
        queues, body = frozenset({(self.number, queue_key(update))}), json.dumps(update).encode()
        waiting = WaitingUpdate([self.number], queues, [update["update_id"]], body, update=update, key=self.taken)
        self.pending[self.taken] = waiting
        return waiting


@dataclass(slots=True)
class TelegramChat(Chat):
    """A chat as one bot sees it; the Messages of both sides are its history."""

    about: dict[str, Json] = field(default_factory=dict)
    """The Bot API's Chat."""
    next_message_id: int = 1
    markup: dict[str, Json] = field(default_factory=dict)
    """The keyboard that is shown now."""
    markup_message: int = 0
    """The message it came with."""

    def message(self, number: int) -> dict[str, Json] | None:
        """Return a message by its id, None where it is not known."""
        return next((it for it in reversed(self.history) if it["message_id"] == number), None)

    def note(self, message: dict[str, Json]) -> None:
        """Take a message of a person, without an id or with one: in place of the message that has it, if one has."""
        number = message.get("message_id")
        if number is None:
            number = message["message_id"] = self.next_message_id
        if number < self.next_message_id and (old := self.message(number)) is not None:
            self.history[self.history.index(old)] = message
        else:
            self.history.append(message)
        self.next_message_id = max(self.next_message_id, number + 1)


class TelegramState(ServerState[TelegramChat]):
    """Bots by their numbers, and chats as Telegram has them, besides what every stand-in remembers."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(lambda chat_id: TelegramChat(about=new_chat(chat_id)), seed)
        self.bots: dict[int, Bot] = {}
        self.migrated: dict[int, int] = {}

    def bot(self, token: str) -> Bot:
        """Return the bot that calls with a token.

        Raises:
            Refusal: 401, the token is malformed, contains REJECT or was revoked.
        """
        match = _TOKEN.fullmatch(token)
        with self.lock:
            if match is None or "REJECT" in token or token in self.revoked:
                raise unauthorized()
            return self.account(int(match[1]))

    def account(self, number: int) -> Bot:
        """Return a bot by its number; the first mention makes its account."""
        bot = self.bots.get(number)
        if bot is None:
            bot = self.bots[number] = Bot(number, f"fake_{number}_bot", f"Fake {number}")
        return bot


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
