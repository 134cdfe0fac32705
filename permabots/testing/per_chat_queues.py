"""Per-chat queues: jobs of one chat are worked off one after another, those of other chats at the same time."""

from __future__ import annotations

import heapq
import itertools
import threading
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Hashable, Iterable
from time import monotonic
from typing import Generic, TypeVar

from permabots.testing.journal import Id
from permabots.testing.webhook_jobs import WebhookJob

Job = TypeVar("Job", bound=WebhookJob)


class PerChatQueues(ABC, Generic[Job]):
    """The queues, and the threads that work them off: started as they are needed.

    A job that is to be tried again keeps its place where `keeps_order` says so, and the next ones of its chats wait for
    it; else it leaves its queues at the first attempt, and comes again after those that went on.

    Args:
        changed: its lock guards everything here; notified when a job is done with.
        threads: how many there may be.
    """

    keeps_order = False

    def __init__(self, changed: threading.Condition, lock: threading.RLock, threads: int) -> None:
        self._changed = changed
        self._work = threading.Condition(lock)
        self._most = threads
        self._queues: dict[tuple[Id, Hashable], deque[Job]] = {}
        self._turns: list[tuple[float, int, Job]] = []
        self._tickets = itertools.count(1)
        self._running: Counter[Id] = Counter()
        self._parked: dict[Id, deque[tuple[int, Job]]] = {}
        self._idle = 0
        self._threads = 0
        self._closed = True
        self.unsettled = 0
        """Jobs that wait or are under way."""

    # Subclasses must implement

    @abstractmethod
    def _attempt(self, job: Job) -> None:
        """Try once, without the lock; ends in `_done` or `_again`, with it."""

    @abstractmethod
    def _leave_thread(self) -> None:
        """Tidy up in a thread that ends."""

    # Subclasses may override

    def connections(self, job: Job) -> int:
        """Return how many attempts for the job's bot there may be at a time; the lock is held."""
        return self._most

    # For everybody

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

    def put(self, job: Job) -> None:
        """Add a job behind those of the same chats."""
        with self._work:
            self.unsettled += 1
            for name in job.queues:
                self._queues.setdefault(name, deque()).append(job)
            self._take_turn(job)

    def restart(self, bot: Id, jobs: Iterable[Job]) -> None:
        """Have these jobs, in this order, wait for a bot in place of those that did, as if nothing had been tried.

        What is under way goes on.
        """
        with self._work:
            for name in [name for name in self._queues if name[0] == bot]:
                kept = deque(job for job in self._queues[name] if job.busy)
                for job in self._queues.pop(name):
                    job.ticket = 0
                    self.unsettled -= not job.busy
                if kept:
                    self._queues[name] = kept
            for job in jobs:
                if not job.busy:
                    job.attempts = 0
                    self.put(job)

    def _done(self, job: Job) -> None:
        """Be done with a job; the lock is held."""
        self._release(job)
        self._leave_queues(job)
        self.unsettled -= 1
        self._changed.notify_all()

    def _again(self, job: Job, delay: float) -> None:
        """Try a job again in so many seconds; the lock is held."""
        self._release(job)
        if not self.keeps_order:
            self._leave_queues(job)
        self._schedule(job, delay)

    # The queues

    def _take_turn(self, job: Job) -> None:
        """Schedule a job that is the first of all its queues."""
        if all(self._queues[name][0] is job for name in job.queues):
            self._schedule(job, 0.0)

    def _leave_queues(self, job: Job) -> None:
        """Let the next jobs of the chats go."""
        names, job.queues = job.queues, frozenset()
        heads = []
        for name in names:
            self._queues[name].popleft()
            if self._queues[name]:
                heads.append(self._queues[name][0])
            else:
                del self._queues[name]
        for head in dict.fromkeys(heads):
            self._take_turn(head)

    # The bots' connections

    def _claim(self, job: Job) -> bool:
        """Take a connection of the job's bot, or wait for one behind others; returns whether it is taken."""
        bot = job.bots[0]
        if self._running[bot] >= self.connections(job):
            self._parked.setdefault(bot, deque()).append((job.ticket, job))
            return False
        self._running[bot] += 1
        job.busy, job.ticket = True, 0
        return True

    def _release(self, job: Job) -> None:
        """Give the connection to the next job that waits for one."""
        bot, job.busy = job.bots[0], False
        self._running[bot] -= 1
        parked = self._parked.get(bot, ())
        while parked:
            ticket, following = self._parked[bot].popleft()
            if ticket == following.ticket:
                self._schedule(following, 0.0)
                return

    # The threads

    def _schedule(self, job: Job, delay: float) -> None:
        job.ticket = next(self._tickets)
        heapq.heappush(self._turns, (monotonic() + delay, job.ticket, job))
        self._call_worker()

    def _call_worker(self) -> None:
        if self._idle:
            self._work.notify()
        elif self._threads < self._most and not self._closed:
            self._threads += 1
            threading.Thread(target=self._worker, name="stand-in webhook", daemon=True).start()

    def _worker(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._attempt(job)
        finally:
            self._leave_thread()

    def _next(self) -> Job | None:
        """Wait for a job's turn; returns None when it is time to end."""
        with self._work:
            while not self._closed:
                wait = self._turns[0][0] - monotonic() if self._turns else None
                if wait is None or wait > 0:
                    self._idle += 1
                    self._work.wait(wait)
                    self._idle -= 1
                    continue
                _, ticket, job = heapq.heappop(self._turns)
                if ticket == job.ticket and self._claim(job):
                    if self._turns and self._turns[0][0] <= monotonic():
                        self._call_worker()
                    return job
            self._threads -= 1
            return None
