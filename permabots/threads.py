"""A few threads of this process that do what is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import TypeAlias

from django.db import Error, connections, reset_queries

from permabots import logs

AGAIN = 1.0
"""Seconds after which work is tried again where the database failed: SQLite does where somebody else writes to it."""

Work: TypeAlias = Callable[[], float | None]
"""Does something; returns the seconds after which it is to be done again, None for never."""

logger = logs.get_logger(__name__)


class Threads:
    """Threads that are started as they are needed, and do one thing, by its key, in one thread at a time.

    They are daemons: a process that ends does not wait for them, unless it calls `end`.

    Args:
        most: how many threads.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, tuple[float, Work]] = {}
        self._running: set[Hashable] = set()
        self._idle = 0
        self._started = 0
        self._ends = False

    def add(self, key: Hashable, work: Work, seconds: float = 0.0) -> None:
        """Have something done in so many seconds, or earlier where that was asked for before.

        Args:
            key: the same key is the same work.
            work: the work.
            seconds: from now.
        """
        due = time.monotonic() + seconds
        with self._changed:
            known = self._waiting.get(key)
            if self._ends or (known is not None and known[0] <= due):
                return
            self._waiting[key] = (due, work)
            self._have_watched()
            self._changed.notify_all()

    def end(self, seconds: float) -> bool:
        """Begin nothing more; return whether all that was begun is done within so many seconds."""
        with self._changed:
            self._ends = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _have_watched(self) -> None:
        """Start a thread where there are fewer than what is due needs, or none waits for what will be."""
        now = time.monotonic()
        free = [due for key, (due, _) in self._waiting.items() if key not in self._running]
        needed = max(sum(due <= now for due in free), min(len(free), 1))
        if self._idle < needed and self._started < self._most:
            self._started += 1
            self._idle += 1
            threading.Thread(target=self._work, name="permabots-answering", daemon=True).start()

    def _work(self) -> None:
        while (found := self._next()) is not None:
            key, work = found
            again: float | None = None
            try:
                again = work()
            except Error as error:
                logger.warning("the database failed, once more in %g s: %s", AGAIN, type(error).__name__)
                again = AGAIN
            except Exception:  # whatever it is: the thread goes on with what else is due
                logger.exception("%s failed", key)
            finally:
                reset_queries()  # with DEBUG each connection keeps them
                connections.close_all()
                with self._changed:
                    self._running.discard(key)
                    self._idle += 1
                    self._changed.notify_all()
            if again is not None:
                self.add(key, work, again)

    def _next(self) -> tuple[Hashable, Work] | None:
        """Wait for what is due and that no other thread does; None at the end."""
        with self._changed:
            while not self._ends:
                free = [(due, key) for key, (due, _) in self._waiting.items() if key not in self._running]
                due, key = min(free, key=lambda it: it[0], default=(None, None))
                pause = None if due is None else due - time.monotonic()
                if pause is not None and pause <= 0:
                    self._running.add(key)
                    self._idle -= 1
                    work = self._waiting.pop(key)[1]
                    self._have_watched()
                    return key, work
                self._changed.wait(pause)
        return None
