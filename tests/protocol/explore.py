"""Every interleaving of a small model, breadth first: what may go wrong, and whether the end is always reached."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


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


def put(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    """Return a tuple with another value in one place.

    Args:
        values: the tuple.
        place: where the value goes.
        value: what goes there.
    """
    return (*values[:place], value, *values[place + 1 :])


class _Graph:
    """What was visited and is to be: how a state was come to, and from where fair steps lead to it."""

    def __init__(self, start: Hashable) -> None:
        self.came: dict[Hashable, tuple[Hashable, str] | None] = {start: None}
        self.before: dict[Hashable, list[Hashable]] = {start: []}
        self.todo, self.ends = deque([start]), list[Hashable]()

    def add(self, state: Hashable, step: Step) -> None:
        if step.state not in self.came:
            self.came[step.state] = (state, step.label)
            self.before[step.state] = []
            self.todo.append(step.state)
        if step.fair:
            self.before[step.state].append(state)

    def leading_to_an_end(self) -> set[Hashable]:
        """Return the states from which fair steps lead to an end."""
        found, todo = set(self.ends), deque(self.ends)
        while todo:
            fresh = [state for state in self.before[todo.popleft()] if state not in found]
            found.update(fresh)
            todo.extend(fresh)
        return found

    def way(self, state: Hashable) -> tuple[str, ...]:
        labels = []
        while (last := self.came[state]) is not None:
            state, label = last
            labels.append(label)
        return tuple(reversed(labels))


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
    graph = _Graph(model.start())
    while graph.todo:
        state = graph.todo.popleft()
        if model.is_end(state):
            graph.ends.append(state)
        try:
            for step in model.steps(state):
                graph.add(state, step)
        except Broken as error:
            return Result(len(graph.came), str(error), graph.way(state))
        if len(graph.came) > limit:
            raise OverflowError(f"more than {limit} states")
    leading = graph.leading_to_an_end()
    stuck = next((state for state in graph.came if state not in leading), None)
    return Result(len(graph.came), *([] if stuck is None else ["the end is never reached", graph.way(stuck)]))
