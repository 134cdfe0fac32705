"""What the stand-in Bot API writes down: calls, accepted messages, deliveries, and who did not wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from permabots.values import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the Bot API.

    Args:
        bot: the bot's number, 0 where the token was none.
        method: as it stood in the URL.
        arguments: as they were sent (a form's values are text).
        status: the HTTP status answered, 0 where the connection was closed without an answer.
        description: why it was refused, "" where it was not.
        fault: the kind of the fault that hit it, "" for none.
        monotonic: when it arrived, by `time.monotonic`.
        time: the same moment in seconds since 1970.
    """

    bot: int
    method: str
    arguments: dict[str, Json] = field(repr=False)
    status: int
    description: str
    fault: str
    monotonic: float
    time: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that a bot sent and Telegram accepted.

    Args:
        bot: the bot's number.
        chat_id: the chat it is now in.
        message_id: its id there.
        text: what people see, without markup.
        source: the ``text`` argument, as sent.
        markup: the ``reply_markup``, as an object; {} for none.
        reply_to: the id of the message it quotes, None for none.
        answered: whether the bot was told; False where a fault kept the answer back.
        monotonic: when the call arrived, by `time.monotonic`.
        time: the same moment in seconds since 1970.
    """

    bot: int
    chat_id: int
    message_id: int
    text: str
    source: str
    markup: dict[str, Json]
    reply_to: int | None
    answered: bool
    monotonic: float
    time: float


@dataclass(frozen=True, slots=True)
class Violation:
    """A call for a chat that came before an enforced ``retry_after`` was over.

    Args:
        bot: the bot's number.
        chat_id: the chat.
        early: seconds that were left.
        monotonic: when the call arrived, by `time.monotonic`.
    """

    bot: int
    chat_id: int
    early: float
    monotonic: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand an update to a webhook.

    Args:
        bot: the bot's number.
        update_id: the update.
        attempt: 1 for the first.
        status: the HTTP status answered, 0 where there was no answer.
        error: what went wrong, "" where it was acknowledged.
        monotonic: when the attempt began, by `time.monotonic`.
        time: the same moment in seconds since 1970.
        seconds: how long it took.
    """

    bot: int
    update_id: int
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
