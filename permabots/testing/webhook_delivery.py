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
from permabots.testing.webhook_jobs import RetrySchedule, WebhookJob

Addressing = Callable[[WebhookJob], tuple[str, Mapping[str, str]] | None]
"""Returns the URL and headers for a job; None where it goes nowhere any more."""


class WebhookDelivery:
    """Posts jobs, and tries again.

    Args:
        lock: guards everything here and what `address` and `settled` look at.
        changed: of that lock; notified when an attempt has ended.
        journal: where attempts are written down.
        poster: makes the HTTP calls.
        address: where a job goes, asked before each attempt with the lock held.
        settled: told with the lock held how an attempt ended, and whether the job is given up.
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
        settled: Callable[[WebhookJob, Outcome, bool], None],
        patience: RetrySchedule,
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
        self._queues: dict[tuple[str, str], deque[WebhookJob]] = {}
        self._turns: list[tuple[float, int, WebhookJob]] = []
        self._numbers = itertools.count()
        self._idle = 0
        self._threads = 0
        self._closed = True
        self.unsettled = 0
        """Jobs that wait or are under way."""

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

    def put(self, job: WebhookJob) -> None:
        """Post a job after those of the same chats."""
        with self._work:
            self.unsettled += 1
            for queue in job.queues:
                self._queues.setdefault(queue, deque()).append(job)
            self._take_turn(job)

    def _take_turn(self, job: WebhookJob) -> None:
        """Schedule a job that is the first of all its queues."""
        if all(self._queues[queue][0] is job for queue in job.queues):
            self._schedule(job, 0.0)

    def _schedule(self, job: WebhookJob, delay: float) -> None:
        heapq.heappush(self._turns, (monotonic() + delay, next(self._numbers), job))
        self._call_worker()

    def _call_worker(self) -> None:
        if self._idle:
            self._work.notify()
        elif self._threads < self._room and not self._closed:
            self._threads += 1
            threading.Thread(target=self._worker, name="stand-in webhook", daemon=True).start()

    def _worker(self) -> None:
        try:
            while (job := self._next()) is not None:
                delay = self._attempt(job)
                self._leave_queues(job)
                self._rest(job, delay)
        finally:
            self._poster.close()

    def _next(self) -> WebhookJob | None:
        """Wait for a job's turn; returns None when it is time to end."""
        with self._work:
            while not self._closed:
                wait = self._turns[0][0] - monotonic() if self._turns else None
                if wait is not None and wait <= 0:
                    job = heapq.heappop(self._turns)[2]
                    if self._turns and self._turns[0][0] <= monotonic():
                        self._call_worker()
                    return job
                self._idle += 1
                self._work.wait(wait)
                self._idle -= 1
            self._threads -= 1
            return None

    def _attempt(self, job: WebhookJob) -> float | None:
        """Post once; returns None where the job is done with, else the seconds until the next attempt."""
        with self._changed:
            address = self._address(job)
        if address is None:
            return None
        job.attempts += 1
        began, moment = monotonic(), time()
        outcome = self._poster.post(address[0], job.body, address[1])
        ended = monotonic()
        job.since = job.since or ended
        given_up = outcome.status != 200 and ended - job.since >= self._patience.end * self._scale
        delivery = Delivery(
            job.bots,
            job.ids,
            job.attempts,
            outcome.status,
            _error(outcome),
            began,
            moment,
            ended - began,
        )
        with self._changed:
            self._journal.deliveries.append(delivery)
            self._settled(job, outcome, given_up)
            self._changed.notify_all()
        return None if outcome.status == 200 or given_up else self._delay(job.attempts) * self._scale

    def _delay(self, attempts: int) -> float:
        delays = self._patience.delays
        return delays[min(attempts, len(delays)) - 1]

    def _leave_queues(self, job: WebhookJob) -> None:
        """After the first attempt, let the next jobs of the chats go."""
        with self._work:
            queues, job.queues = job.queues, frozenset()
            heads = []
            for queue in queues:
                self._queues[queue].popleft()
                if self._queues[queue]:
                    heads.append(self._queues[queue][0])
                else:
                    del self._queues[queue]
            for head in dict.fromkeys(heads):
                self._take_turn(head)

    def _rest(self, job: WebhookJob, delay: float | None) -> None:
        with self._changed:
            if delay is not None:
                self._schedule(job, delay)
                return
            self.unsettled -= 1
            self._changed.notify_all()


def _error(outcome: Outcome) -> str:
    if outcome.status == 200 or outcome.error:
        return outcome.error
    return f"Wrong response from the webhook: {outcome.status}"  # 2xx, but not the 200 they ask for
