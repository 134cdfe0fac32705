"""Why a message was sent twice: each double must belong to something that was done in the named window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.chaos.accounting.evidence import Copy, Evidence, Trouble
from tests.chaos.accounting.script import CLOCK_AHEAD

ON_ITS_WAY = 10.0
"""Seconds that a call may have been on its way, unread by a busy provider, when its sender was killed or paused."""
WINDOW = 5.0
"""Seconds at most from a call to the commit that marks it sent, on a busy machine."""
GONE = 1.0
"""Seconds around its call in which a sender that could not be found must have been killed."""
DATABASE = "PostgreSQL"
"""How the troubles begin that keep a worker from writing down what it has sent."""


@dataclass(frozen=True, slots=True)
class Double:
    """A message that the provider accepted once more.

    Args:
        first: the copy before.
        second: the copy that was too many.
        attempts: claims of its row; 0 where there is none.
        cause: the trouble it belongs to, "" for none: then the promise is broken.
    """

    first: Copy
    second: Copy
    attempts: int
    cause: str


def find_doubles(evidence: Evidence) -> list[Double]:
    """Return every copy that was too many, with its cause."""
    last: dict[tuple[int, int], Copy] = {}
    found = []
    for copy in evidence.copies:
        if (first := last.get(copy.key)) is not None:
            send = evidence.sends.get(copy.key)
            attempts = send.attempts if send else 0
            cause = _cause(first, copy, evidence) if attempts > 1 and not evidence.single else ""
            found.append(Double(first, copy, attempts, cause))
        last[copy.key] = copy
    return found


def _cause(first: Copy, second: Copy, evidence: Evidence) -> str:
    if not first.told:
        return "answer lost"
    return next((t.kind for t in evidence.troubles if _explains(t, first, second, evidence)), "")


def _explains(trouble: Trouble, first: Copy, second: Copy, evidence: Evidence) -> bool:
    """Whether a trouble kept the first copy's sender from writing down that it was sent."""
    if trouble.began > second.at or trouble.ended < first.at - ON_ITS_WAY or trouble.began > first.at + WINDOW:
        return False
    if trouble.pids and trouble.ended > trouble.began:
        # A pause: where the paused one's call was still on its way, its copy is the second.
        return bool(trouble.pids & {first.pid, second.pid})
    if not trouble.pids and not _concerns_all(trouble, first):
        return False
    if not first.pid and trouble.pids:  # it was dead before anybody could ask who it was
        return abs(trouble.began - first.at) < GONE
    concerned = not trouble.pids or first.pid in trouble.pids
    return concerned and not _went_on(evidence.calls.get(first.pid, ()) if first.pid else (), first.at, trouble.began)


def _concerns_all(trouble: Trouble, first: Copy) -> bool:
    """Whether a trouble of no process in particular can make a double: no lease lasts when the clock is set ahead."""
    return trouble.kind == CLOCK_AHEAD or (trouble.kind.startswith(DATABASE) and trouble.ended >= first.at)


def _went_on(calls: Iterable[float], after: float, before: float) -> bool:
    """Whether a process made another call in between: then it had written down the one before."""
    return any(after < call < before for call in calls)
