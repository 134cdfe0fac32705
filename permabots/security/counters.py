"""Counts of calls in windows of the clock: in the process, and in Django's cache over all processes.

A process counts by itself, and tells the cache every second, or after a fiftieth of a limit: a call of Redis for each
limit of each request would cost more time than most requests. So calls may be taken beyond a limit: a fiftieth for each
process, and around the end of a window up to twice the limit in a short time. The cache adds by itself, so that two
processes that count at once lose nothing.

Whatever a cache raises costs a line in the log. What the process has counted holds all the same: a cache that is away,
forgets or keeps nothing makes a limit one of each process.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from django.core.cache import BaseCache, caches

from permabots import logs
from permabots.cooldown import Pause
from permabots.database import cache_savepoint

logger = logs.get_logger(__name__)

TOLD_EVERY = 1.0
SHARE = 50
_KEPT = 10_000
"""Windows in one process; of others the cache knows."""

_pause = Pause(1.0)
_lock = threading.Lock()


@dataclass(slots=True)
class _Window:
    """The calls that one limit counts together.

    Args:
        key: its key in the cache, with the number of the window.
        own: the calls in this process.
        untold: those of them that the cache does not know yet.
        all_told: the calls in all processes, as the cache said last.
        told_at: the time when it was last asked, by the process's clock.
    """

    key: str
    own: int = 0
    untold: int = 0
    all_told: int = 0
    told_at: float = float("-inf")

    @property
    def calls(self) -> int:
        """The calls that the process knows of."""
        return max(self.own, self.all_told + self.untold)


_windows: LRUCache[str, _Window] = LRUCache(_KEPT)


def count(limit: str, whom: str, most: int, seconds: int) -> int:
    """Count a call, and return how many there are in this window.

    Args:
        limit: the name of the limit.
        whom: whose calls are counted.
        most: the calls that are taken in a window.
        seconds: the length of a window.
    """
    now = time.monotonic()
    with _lock:
        window = _window(limit, whom, seconds)
        window.own += 1
        window.untold += 1
        due = window.untold >= max(1, most // SHARE) or now - window.told_at >= TOLD_EVERY
        if window.calls > most or not due:
            return window.calls
        told, window.untold, window.told_at = window.untold, 0, now
    # Kept for two windows: a count that ended between Redis's look and its addition would have no end.
    answer = _ask(lambda cache: _add(cache, window.key, told, 2 * seconds))
    with _lock:
        window.all_told = max(window.all_told, answer or 0)
        return window.calls


def counted(limit: str, whom: str, most: int, seconds: int) -> int:
    """Return how many calls there are in this window, without counting one; arguments as in `count`."""
    with _lock:
        window = _window(limit, whom, seconds)
        if window.calls >= most:
            return window.calls
    answer = _ask(lambda cache: cache.get(window.key))
    with _lock:
        window.all_told = max(window.all_told, answer if isinstance(answer, int) else 0)
        return window.calls


def rest_of_window(seconds: int) -> float:
    """Return the seconds until a window ends."""
    return seconds - time.time() % seconds


def mark(name: str, seconds: int) -> None:
    """Keep a mark in the cache for a while."""
    _ask(lambda cache: cache.set(_mark(name), 1, seconds))


def is_marked(name: str) -> bool:
    """Return whether there is such a mark, as far as the cache knows."""
    return _ask(lambda cache: cache.get(_mark(name))) is not None


def remove_mark(name: str) -> None:
    """Remove a mark."""
    _ask(lambda cache: cache.delete(_mark(name)))


def _mark(name: str) -> str:
    return f"permabots:mark:1:{name}"


def _window(limit: str, whom: str, seconds: int) -> _Window:
    # Hashed: an address may be whatever a caller writes into a header, and a cache may refuse long or odd keys.
    name = f"{limit}:{hashlib.sha256(whom.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    key = f"permabots:limit:1:{name}:{int(time.time() // seconds)}"
    window = _windows.get(name)
    if window is None or window.key != key:
        window = _windows[name] = _Window(key)
    return window


def _add(cache: BaseCache, key: str, number: int, seconds: int) -> int:
    try:
        return cache.incr(key, number)
    except ValueError:  # there is none yet
        return number if cache.add(key, number, seconds) else cache.incr(key, number)


def _ask(call: Callable[[BaseCache], Any]) -> Any:
    """Call the cache; None where it fails."""
    if not _pause.allows_call():
        return None
    try:
        cache = caches["default"]
        with cache_savepoint(cache):
            answer = call(cache)
    except Exception as error:  # noqa: BLE001 - a host may have any cache, and each client has its own errors
        _pause.failed()
        logger.warning("cache unreachable, each process counts by itself: %s", type(error).__name__)
        return None
    _pause.answered()
    return answer
