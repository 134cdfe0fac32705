"""How many messages come to this process: those of an owner with many are answered after others', and what is too much
for one account is refused."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Any
from uuid import UUID

from cachetools import LRUCache

from permabots.broker import Order
from permabots.conf import get_config
from permabots.exceptions import WebhookRejected

FEW = 10
"""Messages of one owner, in a second or at once, that are answered ahead of those of busy ones: of all their bots and
accounts together, since one author may have many."""
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
_recent: LRUCache[str, _Bucket] = LRUCache(_KEPT)


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


def count(account: UUID, owner: str, messages: int) -> Order:
    """Count messages, and return in which order they are answered.

    Args:
        account: as in `check`.
        owner: the id of the user that its bot belongs to.
        messages: how many a call has brought.
    """
    with _lock:
        _add(_of(_taken, account), get_config().webhook_rate, messages)
        recent = _of(_recent, owner)
        _add(recent, FEW, messages)
        recent.level = min(recent.level, 2 * FEW)  # a second after a flood the owner's other bots are as before
        return Order.FIRST if recent.level <= FEW else Order.BUSY


def _add(bucket: _Bucket, rate: float, messages: int) -> None:
    bucket.level = bucket.level_now(rate) + messages


def _of(buckets: LRUCache[Any, _Bucket], key: UUID | str) -> _Bucket:
    found = buckets.get(key)
    if found is None:
        found = buckets[key] = _Bucket(monotonic())
    return found
