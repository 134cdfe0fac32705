"""What is delivered: a POST to a webhook, and how long to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class WebhookJob:
    """One POST to a webhook.

    Args:
        bots: whose events are in it.
        queues: the chats they are of; jobs that share one go one after another, at the first attempt.
        ids: of the events.
        body: the raw bytes.
        raw: whether it is posted whatever becomes of the bots.
        attempts: made so far.
        since: when the first attempt had ended, by `time.monotonic`; 0 before.
    """

    bots: list[str]
    queues: frozenset[tuple[str, str]]
    ids: list[str]
    body: bytes = field(repr=False)
    raw: bool = False
    attempts: int = 0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """How long a messenger tries.

    Args:
        delays: seconds before the second attempt, the third, and so on; the last one goes on.
        end: seconds after the first failure of a job when it is given up.
    """

    delays: Sequence[float]
    end: float
