"""What the stand-in messengers write down: calls, accepted messages, deliveries, and broken rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from permabots.values import Json

Id = Any
"""Of a bot (its number, the page's id, its username), a chat or a message: numbers at Telegram, text elsewhere."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the API.

    Args:
        bot: who called; 0 or "" where its token was refused. For Kik the username, as given.
        method: the last part of the path, as ``sendMessage`` or ``messages``.
        chat_id: the chat it is for, for Messenger the person (PSID); "" for none.
        arguments: of query and body together, without credentials; a form's values are text.
        status: the HTTP status answered, 0 where the connection was closed without an answer.
        description: why it was refused, "" where it was not.
        fault: the kind of the fault that hit it, "" for none.
        monotonic: when it arrived, by `time.monotonic`.
        time: the same moment in seconds since 1970.
    """

    bot: Id
    method: str
    chat_id: Id
    arguments: dict[str, Json] = field(repr=False)
    status: int
    description: str
    fault: str
    monotonic: float
    time: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that a bot sent and the messenger accepted.

    Args:
        bot: whose it is.
        chat_id: the chat it is now in, for Messenger the person (PSID).
        message_id: its id; at Telegram a number that counts in the chat.
        text: what people read, without markup.
        message: as it was sent, for Telegram the arguments of ``sendMessage``.
        answered: whether the bot was told; False where a fault kept the answer back.
        monotonic: when the call arrived, by `time.monotonic`.
        time: the same moment in seconds since 1970.
    """

    bot: Id
    chat_id: Id
    message_id: Id
    text: str
    message: dict[str, Json]
    answered: bool
    monotonic: float
    time: float


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that was accepted, or refused, and that a good client does not do.

    Args:
        bot: whose call it was.
        chat_id: the chat it was for.
        rule: what was broken, in words.
        monotonic: when the call arrived, by `time.monotonic`.
    """

    bot: Id
    chat_id: Id
    rule: str
    monotonic: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand events to a webhook.

    Args:
        bots: whose events they are.
        ids: the events' ids, in order; "" for one without (Messenger's receipts have none). Telegram's are update ids.
        attempt: 1 for the first.
        status: the HTTP status answered, 0 where there was no answer.
        error: what went wrong, "" where it was acknowledged.
        monotonic: when the attempt began, by `time.monotonic`.
        time: the same moment in seconds since 1970.
        seconds: how long it took.
    """

    bots: list[Id]
    ids: list[Id]
    attempt: int
    status: int
    error: str
    monotonic: float
    time: float
    seconds: float


@dataclass(slots=True)
class Journal:
    """Everything written down, oldest first. Each list only grows, and reading one needs no lock."""

    calls: list[Call] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything."""
        for entries in (self.calls, self.sent, self.deliveries, self.violations):
            entries.clear()
