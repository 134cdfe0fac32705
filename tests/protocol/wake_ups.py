"""Coalesced wake-ups: a message behind an unfinished one of the same moment publishes none of its own.

No flag says that a wake-up is on its way. The unfinished work itself does: whoever finishes it looks once more after it
has released the conversation, and that look comes after the question. All messages belong to one conversation and get
their ids in the order of their INSERTs; they commit in any order. Counting an attempt writes nothing that is read here,
so it is no step. Nor is publishing: a wake-up may lie in the broker for as long as its web request may take.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple, cast

from tests.protocol.explore import Broken, Step, put

RULES = {
    "ask_after_commit": "a message asks for others in a statement of its own after its INSERT has committed",
    "ask_committed": "only what is committed is asked for: an INSERT may be rolled back",
    "unfinished_only": "only a pending message or a started row holds a wake-up back, not a finished one",
    "lower_ids": "only a message with a lower id holds a wake-up back",
    "look_after_release": "who releases the conversation looks once more, in a statement after its commit",
}
BUCKET = "bucket"
"""The rule that what holds a wake-up back is of the same 2 seconds of time. It decides what a lost wake-up costs."""
IDLE = ("idle", -1)
HOLDING = ("look", "turn", "send", "release")


class Faults(NamedTuple):
    """How many there may be; ``lost_early``: all wake-ups of the first bucket, and the last message is of the next."""

    crash: int = 0
    web_crash: int = 0
    lost: int = 0
    rollback: int = 0
    lost_early: bool = False


class State(NamedTuple):
    """All there is.

    Args:
        faults: how many are left.
        requests: what each message's web request does next.
        messages: ``open`` (not committed), ``pending``, ``started`` (answered, its row goes out), ``sent`` or ``gone``.
        stored: the bucket of time in which each message was stored.
        made: the bucket in which its started row was made.
        workers: what each worker does next, with which message; they are alike, so in one order.
        dead: a dead worker has the conversation until its lease runs out.
        queued: wake-ups in the broker.
        bucket: the time, in buckets.
    """

    faults: Faults
    requests: tuple[str, ...]
    messages: tuple[str, ...]
    stored: tuple[int, ...]
    made: tuple[int, ...]
    workers: tuple[tuple[str, int], ...] = (IDLE, IDLE)
    dead: bool = False
    queued: int = 0
    bucket: int = 0

    @property
    def work(self) -> list[int]:
        return [number for number, status in enumerate(self.messages) if status in ("pending", "started")]

    @property
    def is_held(self) -> bool:
        return self.dead or any(step.startswith(HOLDING) for step, _ in self.workers)


class WakeUps:
    """The model; ``without`` names the rule that is left out."""

    def __init__(self, without: str = "", faults: Faults | None = None, *, sweep: bool = False, count: int = 3) -> None:
        self.without, self.faults = without, faults or Faults(rollback=1)
        self.sweep, self.count = sweep, count

    def start(self) -> Hashable:
        nowhere = (-1,) * self.count
        return State(self.faults, ("insert",) * self.count, ("",) * self.count, nowhere, nowhere)

    def is_end(self, state: Hashable) -> bool:
        now = cast("State", state)
        return set(now.requests) == {"done"} and set(now.messages) <= {"sent", "gone"}

    def steps(self, state: Hashable) -> Iterator[Step]:
        now = cast("State", state)
        yield from self._surroundings(now)
        for number, request in enumerate(now.requests):
            for label, after, fair in self._request(now, number, request):
                yield Step(f"message {number}: {label}", after, fair)
        for worker in set(now.workers):
            for label, after, become in self._worker(now, *worker):
                yield Step(f"a worker {label}", _worker(after, worker, become))
            if worker != IDLE and now.faults.crash:
                after = _spend(now, "crash")._replace(dead=now.dead or worker[0].startswith(HOLDING))
                yield Step("a worker is killed", _worker(after, worker, IDLE), fair=False)

    def _surroundings(self, now: State) -> Iterator[Step]:
        if not now.bucket:
            yield Step("the next bucket of time begins", now._replace(bucket=1))
        if now.dead:
            yield Step("the lease of the dead worker runs out", now._replace(dead=False))
        if self.sweep and not now.is_held and now.work and not now.queued:
            yield Step("the sweep publishes", now._replace(queued=1))
        if now.queued and now.faults.lost_early and not now.bucket:
            yield Step("a wake-up is lost", now._replace(queued=now.queued - 1), fair=False)
        elif now.queued and now.faults.lost:
            yield Step("a wake-up is lost", _spend(now, "lost")._replace(queued=now.queued - 1), fair=False)

    def _request(self, now: State, number: int, request: str) -> Iterator[tuple[str, State, bool]]:
        early = self.without == "ask_after_commit"
        if request == "insert" and self._may_come(now, number):
            after = now._replace(stored=put(now.stored, number, now.bucket))
            yield "INSERT", _message(after, number, "open", "ask" if early else "commit"), True
        elif request.startswith("commit"):
            publishes = request == "commit and publish"
            after = _message(now, number, "pending", "done" if early else "ask")
            yield "COMMIT", after._replace(queued=now.queued + publishes), True
            if now.faults.rollback:
                yield "ROLLBACK", _message(_spend(now, "rollback"), number, "gone", "done"), False
            if now.faults.web_crash:
                yield "is killed", _message(_spend(now, "web_crash"), number, "gone", "done"), False
        elif request == "ask" and self._is_held_back(now, number):
            yield "asks, publishes nothing", _message(now, number, "", "commit" if early else "done"), True
        elif request == "ask":
            after = _message(now, number, "", "commit and publish" if early else "done")
            yield "asks, publishes", after._replace(queued=now.queued + (not early)), True
            if now.faults.web_crash:
                yield "is killed", _message(_spend(now, "web_crash"), number, "", "done"), False

    def _may_come(self, now: State, number: int) -> bool:
        waits = now.faults.lost_early and number == self.count - 1 and not now.bucket
        return not waits and (number == 0 or now.requests[number - 1] != "insert")

    def _is_held_back(self, now: State, number: int) -> bool:
        holding_back = {"pending"}
        holding_back |= {"open"} if self.without == "ask_committed" else set()
        holding_back |= {"started", "sent"} if self.without == "unfinished_only" else set()
        buckets = {0, 1} if self.without == BUCKET else {now.stored[number]}
        for other, status in enumerate(now.messages):
            is_before = other < number or (other != number and self.without == "lower_ids")
            if is_before and status in holding_back and now.stored[other] in buckets:
                return True
            if status == "started" and now.made[other] in buckets:
                return True
        return False

    def _worker(self, now: State, step: str, number: int) -> Iterator[tuple[str, State, tuple[str, int]]]:
        if step.startswith(HOLDING):
            yield from self._hold(now, step, number)
        elif step == "once more":
            yield "looks once more", now, ("take", -1) if now.work else IDLE
        elif step == "take" or now.queued:
            taken = not now.is_held and bool(now.work)
            after = now._replace(queued=now.queued - (step == "idle"))
            yield ("takes", after, ("look", -1)) if taken else ("finds it held, or nothing to do", after, IDLE)

    def _hold(self, now: State, step: str, number: int) -> Iterator[tuple[str, State, tuple[str, int]]]:
        if step == "look":
            # What a dead worker left started goes out first. "more": another one is seen behind it.
            found = sorted(now.work, key=lambda one: (now.messages[one] == "pending", one))
            following = {"started": "send", "pending": "turn"}[now.messages[found[0]]] if found else "release"
            yield "looks", now, (following + (" more" if len(found) > 1 else ""), found[0] if found else -1)
        elif step.startswith("turn"):
            if now.messages[number] != "pending":
                raise Broken("a message is answered twice")
            after = _message(now, number, "started")._replace(made=put(now.made, number, now.bucket))
            yield f"answers {number}", after, (step.replace("turn", "send"), number)
        elif step.startswith("send"):
            after = _message(now, number, "sent")._replace(made=put(now.made, number, -1))
            yield f"sends the answer to {number}", after, ("look" if step.endswith("more") else "release", -1)
        elif self.without == "look_after_release":
            yield "releases", now, IDLE
        else:
            yield "releases", now, ("once more", -1)


def _message(now: State, number: int, status: str = "", request: str = "") -> State:
    messages = put(now.messages, number, status or now.messages[number])
    return now._replace(messages=messages, requests=put(now.requests, number, request or now.requests[number]))


def _worker(now: State, worker: tuple[str, int], become: tuple[str, int]) -> State:
    return now._replace(workers=tuple(sorted(put(now.workers, now.workers.index(worker), become))))


def _spend(now: State, fault: str) -> State:
    return now._replace(faults=now.faults._replace(**{fault: getattr(now.faults, fault) - 1}))
