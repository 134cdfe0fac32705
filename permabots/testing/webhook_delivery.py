"""Handing events to webhooks in the way of messengers that promise no order: what failed comes again later.

What happens in one chat is posted one after another, other chats in parallel. A POST that fails is tried again while
later ones go on, so that after a failure events may arrive out of order, as these messengers say of themselves.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic, time

from permabots.testing.journal import Delivery, Journal
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_jobs import Parcel, Patience

Addressing = Callable[[Parcel], tuple[str, Mapping[str, str]] | None]
"""Returns the URL and headers for a parcel; None where it goes nowhere any more."""


class Courier:
    """Posts parcels, and tries again.

    Args:
        lock: guards everything here and what `address` and `settled` look at.
        changed: of that lock; notified when an attempt has ended.
        journal: where attempts are written down.
        poster: makes the HTTP calls.
        address: where a parcel goes, asked before each attempt with the lock held.
        settled: told with the lock held how an attempt ended, and whether the parcel is given up.
        patience: how long it tries; in seconds of the messenger's.
        time_scale: real seconds that one second of the messenger's takes.
        room: how many threads there may be.
    """

    def __init__(
        self,
        lock: threading.RLock,
        changed: threading.Condition,
        journal: Journal,
        poster: Poster,
        address: Addressing,
        settled: Callable[[Parcel, Outcome, bool], None],
        patience: Patience,
        *,
        time_scale: float = 1.0,
        room: int = 32,
    ) -> None:
        self._changed = changed
        self._work = threading.Condition(lock)
        self._journal = journal
        self._poster = poster
        self._address = address
        self._settled = settled
        self._patience = patience
        self._scale = time_scale
        self._room = room
        self._lanes: dict[tuple[str, str], deque[Parcel]] = {}
        self._turns: list[tuple[float, int, Parcel]] = []
        self._numbers = itertools.count()
        self._idle = 0
        self._threads = 0
        self._closed = True
        self.unsettled = 0
        """Parcels that wait or are under way."""

    def open(self) -> None:
        """Begin, with what waits."""
        with self._work:
            self._closed = False
            for _ in self._turns:
                self._call_worker()

    def close(self) -> None:
        """End after the attempts under way; what waits keeps waiting."""
        with self._work:
            self._closed = True
            self._work.notify_all()

    def put(self, parcel: Parcel) -> None:
        """Post a parcel after those of the same chats."""
        with self._work:
            self.unsettled += 1
            for lane in parcel.lanes:
                self._lanes.setdefault(lane, deque()).append(parcel)
            self._take_turn(parcel)

    def _take_turn(self, parcel: Parcel) -> None:
        """Schedule a parcel that is the first of all its lanes."""
        if all(self._lanes[lane][0] is parcel for lane in parcel.lanes):
            self._schedule(parcel, 0.0)

    def _schedule(self, parcel: Parcel, delay: float) -> None:
        heapq.heappush(self._turns, (monotonic() + delay, next(self._numbers), parcel))
        self._call_worker()

    def _call_worker(self) -> None:
        if self._idle:
            self._work.notify()
        elif self._threads < self._room and not self._closed:
            self._threads += 1
            threading.Thread(target=self._worker, name="stand-in courier", daemon=True).start()

    def _worker(self) -> None:
        try:
            while (parcel := self._next()) is not None:
                delay = self._attempt(parcel)
                self._leave_lanes(parcel)
                self._rest(parcel, delay)
        finally:
            self._poster.close()

    def _next(self) -> Parcel | None:
        """Wait for a parcel's turn; returns None when it is time to end."""
        with self._work:
            while not self._closed:
                wait = self._turns[0][0] - monotonic() if self._turns else None
                if wait is not None and wait <= 0:
                    parcel = heapq.heappop(self._turns)[2]
                    if self._turns and self._turns[0][0] <= monotonic():
                        self._call_worker()
                    return parcel
                self._idle += 1
                self._work.wait(wait)
                self._idle -= 1
            self._threads -= 1
            return None

    def _attempt(self, parcel: Parcel) -> float | None:
        """Post once; returns None where the parcel is done with, else the seconds until the next attempt."""
        with self._changed:
            address = self._address(parcel)
        if address is None:
            return None
        parcel.attempts += 1
        began, moment = monotonic(), time()
        outcome = self._poster.post(address[0], parcel.body, address[1])
        ended = monotonic()
        parcel.since = parcel.since or ended
        given_up = outcome.status != 200 and ended - parcel.since >= self._patience.end * self._scale
        delivery = Delivery(
            parcel.bots,
            parcel.ids,
            parcel.attempts,
            outcome.status,
            _error(outcome),
            began,
            moment,
            ended - began,
        )
        with self._changed:
            self._journal.deliveries.append(delivery)
            self._settled(parcel, outcome, given_up)
            self._changed.notify_all()
        return None if outcome.status == 200 or given_up else self._delay(parcel.attempts) * self._scale

    def _delay(self, attempts: int) -> float:
        delays = self._patience.delays
        return delays[min(attempts, len(delays)) - 1]

    def _leave_lanes(self, parcel: Parcel) -> None:
        """After the first attempt, let the next parcels of the chats go."""
        with self._work:
            lanes, parcel.lanes = parcel.lanes, frozenset()
            heads = []
            for lane in lanes:
                self._lanes[lane].popleft()
                if self._lanes[lane]:
                    heads.append(self._lanes[lane][0])
                else:
                    del self._lanes[lane]
            for head in dict.fromkeys(heads):
                self._take_turn(head)

    def _rest(self, parcel: Parcel, delay: float | None) -> None:
        with self._changed:
            if delay is not None:
                self._schedule(parcel, delay)
                return
            self.unsettled -= 1
            self._changed.notify_all()


def _error(outcome: Outcome) -> str:
    if outcome.status == 200 or outcome.error:
        return outcome.error
    return f"Wrong response from the webhook: {outcome.status}"  # 2xx, but not the 200 they ask for
