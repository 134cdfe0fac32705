"""What is delivered: a POST to a webhook, and how long to try."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from permabots.testing.journal import Id


@dataclass(slots=True, eq=False)
class WebhookJob:
    """One POST to a webhook.

    Args:
        bots: whose events are in it.
        queues: the chats they are of, each behind its bot; jobs that share one go one after another.
        ids: of the events.
        body: the raw bytes.
        raw: whether it is posted whatever becomes of the bots.
        attempts: made so far.
        since: when the first attempt had ended, by `time.monotonic`; 0 before.
        ticket: the number of its next turn, which makes older ones void; 0 for none.
        busy: whether an attempt is under way.
    """

    bots: list[Id]
    queues: frozenset[tuple[Id, Hashable]]
    ids: list[Id]
    body: bytes = field(repr=False)
    raw: bool = False
    attempts: int = 0
    since: float = 0.0
    ticket: int = 0
    busy: bool = False


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """How long a messenger tries.

    Args:
        delays: seconds before the second attempt, the third, and so on; the last one goes on.
        end: seconds after the first failure of a job when it is given up.
    """

    delays: Sequence[float]
    end: float

    def delay(self, job: WebhookJob, time_scale: float) -> float | None:
        """Return the messenger's seconds until the next attempt of a job that failed, None where it is given up."""
        if monotonic() - job.since >= self.end * time_scale:
            return None
        return self.delays[min(job.attempts, len(self.delays)) - 1]
