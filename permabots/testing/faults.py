"""Faults that a test orders for calls to a stand-in messenger's API."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    TOO_MANY_REQUESTS = "too_many_requests"
    """Telegram: 429 with ``retry_after``. Messenger: error 613, or ``code``. Kik: 429 with ``Retry-After``. With
    ``enforce`` the chat stays closed until then."""
    SERVER_ERROR = "server_error"
    """A gateway's answer: ``status`` (502) with a body of HTML."""
    REFUSE = "refuse"
    """The API's own refusal: ``status`` (400) and ``description``, for Messenger ``code`` and ``subcode`` too."""
    HANG = "hang"
    """No answer for ``seconds``, then the connection is closed."""
    CLOSE = "close"
    """The connection is closed at once, without an answer."""
    SLOW = "slow"
    """The call is carried out and answered after ``seconds``."""
    NOT_JSON = "not_json"
    """200 with a body that is not JSON."""
    MIGRATED = "migrated"
    """Telegram only: the group is now ``migrate_to_chat_id``: 400 for the old id, from now on."""
    REVOKE = "revoke"
    """The token or key is refused, from now on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One order: what goes wrong, for which calls, how often.

    Args:
        kind: what goes wrong.
        method: the method it is for, "" for any: the Bot API's name, for Messenger and Kik the last part of the path
            (``messages``, ``subscribed_apps``; ``message``, ``config``).
        chat_id: the chat it is for, for Messenger the person (PSID); None for any call.
        bot: the bot's number (the token before the colon), the page's id, the bot's username; None for any.
        probability: of each fitting call, 0 to 1; drawn with the server's seed.
        count: how many calls it hits before it is used up, None for no end.
        after: how many fitting calls it lets pass first.
        accept: the call is carried out all the same, so that only the answer is lost
            (for SERVER_ERROR, HANG, CLOSE and NOT_JSON).
        seconds: whole ones for TOO_MANY_REQUESTS (``retry_after``); how long HANG and SLOW take.
        enforce: for TOO_MANY_REQUESTS: a call for that chat before the time is over is noted as a violation and
            answered 429 again.
        status: for SERVER_ERROR and REFUSE; 0 for 502 and 400.
        description: for REFUSE, the provider's text, as ``Bad Request: chat not found``.
        migrate_to_chat_id: for MIGRATED.
        code: Messenger's ``error.code``, for REFUSE and TOO_MANY_REQUESTS; 0 for 100 and 613.
        subcode: Messenger's ``error.error_subcode``, for REFUSE; 0 for none.
    """

    kind: FaultKind
    method: str = ""
    chat_id: int | str | None = None
    bot: int | str | None = None
    probability: float = 1.0
    count: int | None = None
    after: int = 0
    accept: bool = False
    seconds: float = 1.0
    enforce: bool = False
    status: int = 0
    description: str = ""
    migrate_to_chat_id: int = 0
    code: int = 0
    subcode: int = 0

    def fits(self, method: str, chat_id: int | str | None, bot: int | str) -> bool:
        """Return whether a call is one that this fault is for."""
        return (
            self.method.lower() in ("", method.lower()) and self.chat_id in (None, chat_id) and self.bot in (None, bot)
        )


@dataclass(slots=True)
class _Order:
    fault: Fault
    seen: int = 0
    hits: int = 0


class FaultBook:
    """The orders that are in force.

    Args:
        seed: of the draws for `Fault.probability`.
    """

    def __init__(self, seed: int = 0) -> None:
        self._orders: list[_Order] = []
        self._random = random.Random(seed)  # noqa: S311 (a repeatable draw, no secret)
        self._lock = threading.Lock()
        self._closed_until: dict[tuple[int | str, int | str], float] = {}

    def add(self, fault: Fault) -> None:
        """Put a fault in force; of several that fit a call the first added counts."""
        with self._lock:
            self._orders.append(_Order(fault))

    def clear(self) -> None:
        """Let nothing go wrong any more; closed chats are open again."""
        with self._lock:
            self._orders.clear()
            self._closed_until.clear()

    def close_chat(self, bot: int | str, chat_id: int | str, until: float) -> None:
        """Close a chat to a bot until a moment of `time.monotonic`."""
        self._closed_until[bot, chat_id] = until

    def closed_until(self, bot: int | str, chat_id: int | str) -> float:
        """Return until when a chat is closed to a bot; 0 where it never was."""
        return self._closed_until.get((bot, chat_id), 0.0)

    def pick(self, method: str, chat_id: int | str | None, bot: int | str) -> Fault | None:
        """Return the fault that hits this call, None where all is well."""
        if not self._orders:
            return None
        with self._lock:
            return next((o.fault for o in self._orders if self._hits(o, method, chat_id, bot)), None)

    def _hits(self, order: _Order, method: str, chat_id: int | str | None, bot: int | str) -> bool:
        fault = order.fault
        if not fault.fits(method, chat_id, bot) or order.hits == fault.count:
            return False
        order.seen += 1
        if order.seen <= fault.after or self._random.random() >= fault.probability:
            return False
        order.hits += 1
        return True
