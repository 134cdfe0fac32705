"""Queues that are worked off one by one, many of them at once: the order in which Telegram delivers updates.

A bot has one lane for each chat and, for button presses, for each person. The first update of a lane is tried until it
is done with; only then comes the next. Threads are started as they are needed.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from permabots.testing.telegram.state import Bot, Waiting, Webhook, queue_key

_NOBODY = 0
_PARKED = -1


@dataclass(slots=True, eq=False)
class Lane:
    """One queue of one bot.

    Args:
        bot: whose it is.
        name: its key.
        keys: of ``bot.pending``, in order; some may be gone from there.
        attempts: made for the first of them.
        busy: whether an attempt is under way.
        ticket: number of the turn it waits for, which makes older turns void; or why it waits for none.
    """

    bot: Bot
    name: tuple[int, Any]
    keys: deque[int] = field(default_factory=deque)
    attempts: int = 0
    busy: bool = False
    ticket: int = _NOBODY


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt to make.

    Args:
        lane: the lane it is the first of.
        key: the update's key in ``bot.pending``.
        waiting: the update.
        webhook: where it goes.
        attempt: 1 for the first.
    """

    lane: Lane
    key: int
    waiting: Waiting
    webhook: Webhook
    attempt: int


class Lanes:
    """All lanes of all bots, and the threads that work them off.

    Args:
        lock: the state's; every public method but `open` and `close` is called with it held.
        expired: whether an update is too old to be tried again.
        run: makes an attempt, without the lock; returns None where the update is done with, else seconds to wait.
        finish: called in each thread when it ends.
        room: how many threads there may be.
    """

    def __init__(
        self,
        lock: threading.RLock,
        expired: Callable[[Waiting], bool],
        run: Callable[[Job], float | None],
        finish: Callable[[], None],
        room: int = 100,
    ) -> None:
        self._lock = lock
        self._expired = expired
        self._run = run
        self._finish = finish
        self._room = room
        self._work = threading.Condition(lock)
        self._lanes: dict[tuple[int, Any], Lane] = {}
        self._turns: list[tuple[float, int, Lane]] = []
        self._tickets = itertools.count(1)
        self._running: dict[int, int] = {}
        self._parked: dict[int, deque[Lane]] = {}
        self._idle = 0
        self._threads = 0
        self._closed = True

    def open(self, bots: list[Bot]) -> None:
        """Begin, with what waits for these bots."""
        with self._lock:
            self._closed = False
            self._lanes.clear()
            self._turns.clear()
            self._parked.clear()
            for bot in bots:
                for key in bot.pending:
                    self.put(bot, key)

    def close(self) -> None:
        """End after the attempts under way; what waits keeps waiting."""
        with self._lock:
            self._closed = True
            self._work.notify_all()

    def put(self, bot: Bot, key: int) -> None:
        """Add an update that waits for a bot to the end of its lane."""
        name = (bot.number, queue_key(bot.pending[key].update))
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(bot, name)
        lane.keys.append(key)
        if lane.ticket == _NOBODY and not lane.busy:
            self._schedule(lane, 0.0)

    def wake(self, bot: Bot) -> None:
        """Try everything that waits for a bot at once: it has a new webhook."""
        self._parked.pop(bot.number, None)
        for lane in list(self._lanes.values()):
            if lane.bot is bot and not lane.busy:
                lane.attempts = 0
                self._schedule(lane, 0.0)

    def _schedule(self, lane: Lane, delay: float) -> None:
        lane.ticket = next(self._tickets)
        heapq.heappush(self._turns, (monotonic() + delay, lane.ticket, lane))
        self._call_worker()

    def _call_worker(self) -> None:
        if self._idle:
            self._work.notify()
        elif self._threads < self._room and not self._closed:
            self._threads += 1
            threading.Thread(target=self._worker, name="stand-in webhook", daemon=True).start()

    def _worker(self) -> None:
        try:
            while (job := self._next_job()) is not None:
                delay = self._run(job)
                with self._lock:
                    self._settle(job.lane, delay)
        finally:
            self._finish()

    def _next_job(self) -> Job | None:
        """Wait for a turn; returns None when it is time to end."""
        with self._lock:
            while not self._closed:
                wait = self._turns[0][0] - monotonic() if self._turns else None
                if wait is None or wait > 0:
                    self._idle += 1
                    self._work.wait(wait)
                    self._idle -= 1
                    continue
                _, ticket, lane = heapq.heappop(self._turns)
                job = self._claim(lane) if ticket == lane.ticket else None
                if job is not None:
                    if self._turns and self._turns[0][0] <= monotonic():
                        self._call_worker()
                    return job
            self._threads -= 1
            return None

    def _claim(self, lane: Lane) -> Job | None:
        """Return the attempt that a lane's turn is for, None where there is nothing to do or no room."""
        bot = lane.bot
        lane.ticket = _NOBODY
        self._drop_dead(lane)
        if not lane.keys:
            self._lanes.pop(lane.name, None)
        if not lane.keys or not bot.webhook.url:
            self._unpark(bot)
            return None
        if self._running.get(bot.number, 0) >= bot.webhook.max_connections:
            lane.ticket = _PARKED
            self._parked.setdefault(bot.number, deque()).append(lane)
            return None
        self._running[bot.number] = self._running.get(bot.number, 0) + 1
        lane.busy = True
        lane.attempts += 1
        key = lane.keys[0]
        return Job(lane, key, bot.pending[key], bot.webhook, lane.attempts)

    def _unpark(self, bot: Bot) -> None:
        """Give the next lane that waits for a connection its turn."""
        if parked := self._parked.get(bot.number):
            self._schedule(parked.popleft(), 0.0)

    def _drop_dead(self, lane: Lane) -> None:
        """Take what is gone or too old from the front of a lane."""
        pending = lane.bot.pending
        while lane.keys:
            waiting = pending.get(lane.keys[0])
            if waiting is not None and not self._expired(waiting):
                return
            pending.pop(lane.keys.popleft(), None)
            lane.attempts = 0

    def _settle(self, lane: Lane, delay: float | None) -> None:
        """Put a lane back after an attempt, behind one that waited for the connection."""
        lane.busy = False
        self._running[lane.bot.number] -= 1
        self._unpark(lane.bot)
        if delay is None:
            lane.attempts = 0
        if self._lanes.get(lane.name) is lane:
            self._schedule(lane, delay or 0.0)
