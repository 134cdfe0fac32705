"""How many messages one account brings to this process in a second: too many wait behind others', more are refused."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from cachetools import LRUCache

from permabots.broker import Order
from permabots.conf import get_config
from permabots.exceptions import WebhookRejected

FEW = 10
"""Messages of an account in a second that are answered ahead of those of busy bots."""
RETRY_AFTER = 1
"""Seconds after which a refused call is taken."""
_KEPT = 10_000


@dataclass(slots=True)
class _Second:
    """The messages of one account.

    Args:
        number: the second they came in, by the process's clock.
        messages: how many.
    """

    number: int
    messages: int = 0


_lock = threading.Lock()
_seconds: LRUCache[UUID, _Second] = LRUCache(_KEPT)


def check(account: UUID) -> None:
    """Refuse a call of an account that has brought as many messages in this second as it may. Ask it before the call is
    read: that takes most of the time.

    Args:
        account: the id of the integration that took the call, after its proof.

    Raises:
        WebhookRejected: with 429; the provider brings the call again.
    """
    most = get_config().webhook_rate
    with _lock:
        if most and _second(account).messages >= most:
            words = f"At most {most} messages of one account a second (WEBHOOK_RATE)."
            raise WebhookRejected(words, status=429, detail=words, retry_after=RETRY_AFTER)


def count(account: UUID, messages: int) -> Order:
    """Count messages, and return in which order they are answered.

    Args:
        account: as in `check`.
        messages: how many a call has brought.
    """
    with _lock:
        second = _second(account)
        second.messages += messages
        return Order.FIRST if second.messages <= FEW else Order.BUSY


def _second(account: UUID) -> _Second:
    now = int(time.monotonic())
    found = _seconds.get(account)
    if found is None or found.number != now:
        found = _seconds[account] = _Second(now)
    return found
