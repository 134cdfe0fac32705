"""How many messages one account brings to this process: those of a busy one are answered after others', and what is too
much is refused."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import ceil
from time import monotonic
from uuid import UUID

from cachetools import LRUCache

from permabots.broker import Order
from permabots.conf import get_config
from permabots.exceptions import WebhookRejected

FEW = 10
"""Messages of an account, in a second or at once, that are answered ahead of those of busy ones."""
_KEPT = 10_000


@dataclass(slots=True)
class _Bucket:
    """A leaky bucket: what is in it runs out at a steady rate, whatever came at once.

    Args:
        since: the time of the last change, by the process's clock.
        level: the messages in it then.
    """

    since: float
    level: float = 0.0

    def level_now(self, rate: float) -> float:
        """Return the messages in it now.

        Args:
            rate: messages that run out in a second.
        """
        now = monotonic()
        self.level = max(0.0, self.level - rate * (now - self.since))
        self.since = now
        return self.level


_lock = threading.Lock()
_taken: LRUCache[UUID, _Bucket] = LRUCache(_KEPT)
_recent: LRUCache[UUID, _Bucket] = LRUCache(_KEPT)


def check(account: UUID) -> None:
    """Refuse a call of an account that has brought too much. Ask it before the call is read, which takes most time.

    Args:
        account: the id of the integration that took the call, after its proof.

    Raises:
        WebhookRejected: with 429; the provider brings the call again.
    """
    if not (rate := get_config().webhook_rate):
        return
    with _lock:
        above = _of(_taken, account).level_now(rate) - rate
    if above >= 0:
        words = f"At most {rate} messages of one account a second (WEBHOOK_RATE)."
        raise WebhookRejected(words, status=429, detail=words, retry_after=ceil(above / rate) or 1)


def count(account: UUID, messages: int) -> Order:
    """Count messages, and return in which order they are answered.

    Args:
        account: as in `check`.
        messages: how many a call has brought.
    """
    with _lock:
        for buckets, rate in ((_taken, get_config().webhook_rate), (_recent, FEW)):
            bucket = _of(buckets, account)
            bucket.level = bucket.level_now(rate) + messages
        return Order.FIRST if bucket.level <= FEW else Order.BUSY


def _of(buckets: LRUCache[UUID, _Bucket], account: UUID) -> _Bucket:
    found = buckets.get(account)
    if found is None:
        found = buckets[account] = _Bucket(monotonic())
    return found
