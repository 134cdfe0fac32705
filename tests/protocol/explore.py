"""Every interleaving of a small model, breadth first: what may go wrong, and whether the end is always reached."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol


class Broken(Exception):
    """A promise that does not hold; its text says which."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a model.

    Args:
        label: what happens.
        state: the state after it.
        fair: it happens at last wherever it stays possible. A fault is not fair: it may happen or not.
    """

    label: str
    state: Hashable
    fair: bool = True


class Model(Protocol):
    """What is explored: a start, the steps from a state, and which states are an end."""

    def start(self) -> Hashable: ...

    def steps(self, state: Hashable) -> Iterator[Step]:
        """Yield what may happen next.

        Raises:
            Broken: a promise does not hold in one of the steps.
        """
        ...

    def is_end(self, state: Hashable) -> bool: ...


@dataclass(frozen=True, slots=True)
class Result:
    """What was found.

    Args:
        states: how many states can be reached.
        broken: which promise does not hold, "" where all do.
        trace: the shortest way there, by the labels of its steps.
    """

    states: int
    broken: str = ""
    trace: tuple[str, ...] = ()


def explore(model: Model, limit: int = 500_000) -> Result:
    """Visit all states of a model.

    Args:
        model: what to explore.
        limit: how many states it may have.

    Returns:
        The first broken promise on a shortest way. A state from which no fair steps lead to an end is one, too.

    Raises:
        OverflowError: the model has more states than ``limit``.
    """
    start = model.start()
    came: dict[Hashable, tuple[Hashable, str] | None] = {start: None}
    before: dict[Hashable, list[Hashable]] = {start: []}
    todo, ends = deque([start]), []
    while todo:
        state = todo.popleft()
        if model.is_end(state):
            ends.append(state)
        try:
            for step in model.steps(state):
                if step.state not in came:
                    came[step.state] = (state, step.label)
                    before[step.state] = []
                    todo.append(step.state)
                if step.fair:
                    before[step.state].append(state)
        except Broken as error:
            return Result(len(came), str(error), _way(came, state))
        if len(came) > limit:
            raise OverflowError(f"more than {limit} states")
    stuck = came.keys() - _leading_to(ends, before)
    if stuck:
        first = next(state for state in came if state in stuck)
        return Result(len(came), "the end is never reached", _way(came, first))
    return Result(len(came))


def _leading_to(ends: list[Hashable], before: dict[Hashable, list[Hashable]]) -> set[Hashable]:
    """Return the states from which fair steps lead to an end."""
    found, todo = set(ends), deque(ends)
    while todo:
        for state in before[todo.popleft()]:
            if state not in found:
                found.add(state)
                todo.append(state)
    return found


def _way(came: dict[Hashable, tuple[Hashable, str] | None], state: Hashable) -> tuple[str, ...]:
    labels = []
    while (last := came[state]) is not None:
        state, label = last
        labels.append(label)
    return tuple(reversed(labels))
