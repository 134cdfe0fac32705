"""A worker takes a conversation, looks and counts in one statement, and commits its turn in another.

A statement reads what was committed when it began: its snapshot. Its UPDATE may come to the conversation's row later,
when another worker has had it meanwhile; PostgreSQL (READ COMMITTED) then asks the condition on that row again of its
newest version, and nothing else. Messages come in any order and are answered in their provider's. Each turn changes
the chat's state. Publishing is no step: a wake-up may lie in the broker for as long as its web request may take.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple, cast

from tests.protocol.explore import Broken, Step, put

RULES = {
    "same_version": "the take writes only the very version of the row that its snapshot has read",
    "ask_again": "a take that found another version asks again: only a snapshot tells that a wake-up is for nothing",
    "work_after_wake_up": "whether there is work is read once the wake-up is there, so after its message's commit",
    "look_after_release": "who releases the conversation looks once more, in a statement after its commit",
    "fenced": "the turn's statement begins with the renewal; where that matches no row, nothing else does",
    "once_only": "state and answer are written only where the message was pending",
}
SEQUENCES = (2, 1, 3)
"""The provider's order of the messages. The second comes late where the first is stored before it."""


class Worker(NamedTuple):
    """What a worker does next, and what it has read.

    Args:
        step: what it does next.
        message: the message that it answers.
        base: how many turns the chat's state that it has read comes from.
        more: another message waits behind that one.
        same: nobody has written the conversation's row since its snapshot.
    """

    step: str = "idle"
    message: int = -1
    base: int = -1
    more: bool = False
    same: bool = False


class Surroundings(NamedTuple):
    """What else may happen, and how often.

    Args:
        others: the row is written for another reason: a sweep notes it, a contact has a new name.
        pauses: a worker is paused for longer than its lease.
        cancels: an operator cancels a pending message.
    """

    others: int = 0
    pauses: int = 0
    cancels: int = 0


Steps = Iterator[tuple[str, "State", Worker]]


class State(NamedTuple):
    """All there is.

    Args:
        messages: ``""`` (not there yet), ``pending``, ``done`` or ``cancelled``.
        workers: the workers.
        holder: the worker whose token the row has, -1 for none.
        expired: that lease has run out.
        locked: the worker whose statement has written the row and is not committed, -1 for none.
        turns: how many turns are committed; the chat's state.
        queued: wake-ups in the broker.
        surroundings: what else may happen.
    """

    messages: tuple[str, ...] = ("",) * len(SEQUENCES)
    workers: tuple[Worker, ...] = (Worker(), Worker())
    holder: int = -1
    expired: bool = False
    locked: int = -1
    turns: int = 0
    queued: int = 0
    surroundings: Surroundings = Surroundings()

    @property
    def pending(self) -> list[int]:
        found = [number for number, status in enumerate(self.messages) if status == "pending"]
        return sorted(found, key=lambda number: SEQUENCES[number])

    @property
    def is_free(self) -> bool:
        return self.holder < 0 or self.expired

    def row(self, holder: int) -> State:
        """Return the state with a new version of the conversation's row, committed: no snapshot has read it."""
        workers = tuple(worker._replace(same=False) for worker in self.workers)
        return self._replace(workers=workers, holder=holder, locked=-1, expired=False)

    def read(self, step: str) -> Worker:
        """Return a worker that has just read what is next."""
        return Worker(step, self.pending[0], self.turns, len(self.pending) > 1, same=step == "write")


class OneStatement:
    """The model; ``without`` names the rule that is left out."""

    def __init__(self, without: str = "", **surroundings: int) -> None:
        self.without, self.surroundings = without, Surroundings(**surroundings)

    def start(self) -> Hashable:
        return State(surroundings=self.surroundings)

    def is_end(self, state: Hashable) -> bool:
        return set(cast("State", state).messages) <= {"done", "cancelled"}

    def steps(self, state: Hashable) -> Iterator[Step]:
        now = cast("State", state)
        yield from self._surroundings(now)
        for number, worker in enumerate(now.workers):
            for label, after, become in getattr(self, f"_{worker.step}")(now, number, worker):
                yield Step(f"worker {number} {label}", after._replace(workers=put(after.workers, number, become)))

    def _surroundings(self, now: State) -> Iterator[Step]:
        others, pauses, cancels = now.surroundings
        for number, status in enumerate(now.messages):
            if not status:
                after = now._replace(messages=put(now.messages, number, "pending"), queued=now.queued + 1)
                yield Step(f"message {number} is stored", after)
            if status == "pending" and cancels:
                after = now._replace(messages=put(now.messages, number, "cancelled"))
                left = Surroundings(others, pauses, cancels - 1)
                yield Step(f"message {number} is cancelled", after._replace(surroundings=left), fair=False)
        if others and now.locked < 0:
            after = now.row(now.holder)._replace(expired=now.expired)
            left = Surroundings(others - 1, pauses, cancels)
            yield Step("somebody else writes the row", after._replace(surroundings=left), fair=False)
        if pauses and now.holder >= 0 and not now.expired:
            left = Surroundings(others, pauses - 1, cancels)
            after = now._replace(expired=True, surroundings=left)
            yield Step(f"worker {now.holder} is paused, its lease runs out", after, fair=False)

    def _idle(self, now: State, number: int, worker: Worker) -> Steps:
        if self.without == "work_after_wake_up":
            yield "reads whether there is work", now, Worker("early", more=bool(now.pending))
        elif now.queued:
            yield "receives a wake-up", now._replace(queued=now.queued - 1), Worker("ask")

    def _early(self, now: State, number: int, worker: Worker) -> Steps:
        if now.queued:
            become = Worker("ask" if worker.more else "idle")
            yield f"receives a wake-up: {become.step}", now._replace(queued=now.queued - 1), become

    def _ask(self, now: State, number: int, worker: Worker) -> Steps:
        if now.is_free and now.pending:
            yield "begins to take: its snapshot", now, now.read("write")
        else:
            yield "drops the wake-up: held, or nothing to do", now, Worker()

    def _write(self, now: State, number: int, worker: Worker) -> Steps:
        if now.locked >= 0:
            return
        if now.is_free and (worker.same or self.without == "same_version"):
            # The count finds the message's newest version, too: 0 rows where it is not pending any more.
            is_pending = now.messages[worker.message] == "pending"
            yield "takes the row", now.row(number), worker._replace(step="turn" if is_pending else "look", same=False)
        else:
            yield "finds another version", now, Worker("idle" if self.without == "ask_again" else "ask")

    def _look(self, now: State, number: int, worker: Worker) -> Steps:
        yield "looks", now, now.read("turn") if now.pending else Worker("release")

    def _turn(self, now: State, number: int, worker: Worker) -> Steps:
        if now.locked >= 0:
            return
        if now.holder == number:
            yield "begins to commit: renews", now._replace(locked=number), worker._replace(step="commit")
        elif self.without == "fenced":
            yield "begins to commit", now, worker._replace(step="commit")
        else:
            yield "begins to commit: the token has changed", now, Worker("look_again")

    def _commit(self, now: State, number: int, worker: Worker) -> Steps:
        free = now.row(number) if now.locked == number else now
        if now.messages[worker.message] == "pending" or self.without == "once_only":
            if now.messages[worker.message] != "pending":
                raise Broken("a message that is not pending is answered")
            if worker.base != now.turns:
                raise Broken("a turn has read a state that is older than the last turn's")
            after = free._replace(messages=put(now.messages, worker.message, "done"), turns=now.turns + 1)
            yield f"answers {worker.message}", after, Worker("look" if worker.more else "release")
            if worker.more:
                yield f"answers {worker.message}, its budget is spent", after, Worker("release_early")
        else:
            yield "has nothing to answer any more", free, Worker("look")

    def _release(self, now: State, number: int, worker: Worker, then: str = "look_again") -> Steps:
        if now.locked < 0:
            mine = now.holder == number
            yield "releases", now.row(-1) if mine else now, Worker(then)

    def _release_early(self, now: State, number: int, worker: Worker) -> Steps:
        yield from self._release(now, number, worker, "publish")

    def _publish(self, now: State, number: int, worker: Worker) -> Steps:
        yield "publishes a wake-up", now._replace(queued=now.queued + 1), Worker()

    def _look_again(self, now: State, number: int, worker: Worker) -> Steps:
        there_is = now.pending and self.without != "look_after_release"
        yield "looks once more", now, Worker("ask" if there_is else "idle")
