"""Handing events to webhooks, each messenger in its way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from time import monotonic, time
from typing import Any

from permabots.testing.journal import Delivery
from permabots.testing.per_chat_queues import Job, PerChatQueues
from permabots.testing.server_state import Event, ServerState
from permabots.testing.webhook_client import Outcome, Poster


class WebhookDelivery(PerChatQueues[Job]):
    """Posts jobs, and tries again.

    Args:
        state: what is known; its lock guards everything here.
        poster: makes the HTTP calls.
        time_scale: real seconds that one second of the messenger's takes.
        threads: how many there may be.
    """

    acknowledging: Container[int] = (200,)
    """Statuses of an answer with which an event is done."""

    def __init__(self, state: ServerState[Any], poster: Poster, *, time_scale: float = 1.0, threads: int = 32) -> None:
        super().__init__(state.changed, state.lock, threads)
        self._known = state
        self._poster = poster
        self._scale = time_scale

    # Subclasses must implement; the lock is held

    @abstractmethod
    def packed(self, events: list[Event]) -> Sequence[Job]:
        """Put events into as few POSTs as the messenger allows, without those that their bots do not want."""

    @abstractmethod
    def address(self, job: Job) -> tuple[str, Mapping[str, str]] | None:
        """Return the URL and the headers of a job; None where it goes nowhere any more."""

    @abstractmethod
    def settled(self, job: Job, outcome: Outcome) -> float | None:
        """Note how an attempt ended, with an ``error`` where it was not acknowledged.

        Returns:
            After a failure the messenger's seconds until the next attempt; None where the job is given up.
        """

    # For everybody

    def deliver(self, events: list[Event]) -> int:
        """Deliver events; returns the number of POSTs."""
        jobs = self.packed(events)
        for job in jobs:
            self.put(job)
        return len(jobs)

    def _attempt(self, job: Job) -> None:
        with self._changed:
            address = self.address(job)
            if address is None:
                self._done(job)
                return
            job.attempts += 1
        began, moment = monotonic(), time()
        outcome = self._told(self._poster.post(address[0], job.body, address[1]))
        job.since = job.since or monotonic()
        took = monotonic() - began
        with self._changed:
            self._known.journal.deliveries.append(
                Delivery(job.bots, job.ids, job.attempts, outcome.status, outcome.error, began, moment, took)
            )
            delay = self.settled(job, outcome)
            if outcome.error and delay is not None:
                self._again(job, delay * self._scale)
            else:
                self._done(job)
            self._changed.notify_all()

    def _told(self, outcome: Outcome) -> Outcome:
        """Return an outcome that has an error where it did not acknowledge."""
        if outcome.error or outcome.status in self.acknowledging:
            return outcome
        return replace(outcome, error=f"Wrong response from the webhook: {outcome.status}")

    def _leave_thread(self) -> None:
        self._poster.close()
