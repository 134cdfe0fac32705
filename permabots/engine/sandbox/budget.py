"""What the templates of one answer may cost: time, memory and output. Kept by counting, so it holds in any thread."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from permabots.exceptions import RenderLimitExceeded

Value = TypeVar("Value")

MAX_VALUE = 1_000_000
"""The largest value a template may make: characters of a text, or elements and characters of all that a list holds."""

MAX_MADE = 10_000_000
"""All that one template may make while it is rendered, in the same unit: it bounds the memory in use at any moment."""

_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_MAPPINGS = (dict, MappingProxyType)
_CONTAINERS = (list, tuple, *_MAPPINGS, set, frozenset, *_VIEWS)

SIZED: tuple[type, ...] = (str, *_CONTAINERS)
"""Types whose values have a size in this sense."""


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """What rendering may cost.

    Args:
        timeout: seconds that all templates of one answer may run, together.
        max_chars: the longest output of one template, in characters.
    """

    timeout: float = 2.0
    max_chars: int = 100_000


class Budget:
    """What is left of the limits for one turn. Time runs only while a template is rendered.

    Args:
        limits: what the turn may cost.
    """

    __slots__ = ("_deadline", "_made", "_remaining", "_sizes", "limits", "undefined")

    def __init__(self, limits: RenderLimits) -> None:
        self.limits = limits
        self.undefined: list[str] = []
        """Names that were used though they are not defined, dotted, in order, each once."""
        self._remaining = limits.timeout
        self._deadline = 0.0
        self._made = 0
        self._sizes: dict[int, tuple[object, int]] = {}

    @contextmanager
    def rendering(self) -> Iterator[None]:
        """Let the clock run, and charge what templates make in this context to this budget."""
        self._made = 0
        self._deadline = time.monotonic() + self._remaining
        token = running.set(self)
        try:
            yield
        finally:
            running.reset(token)
            self._remaining = self._deadline - time.monotonic()
            self._sizes.clear()

    def note_undefined(self, name: str) -> None:
        """Remember the name of something used though it is not defined."""
        if name not in self.undefined:
            self.undefined.append(name)

    def spend(self, units: int) -> None:
        """Charge characters or elements that come into being, and look at the clock.

        Raises:
            RenderLimitExceeded: too many in all, or the time is up.
        """
        self._made += units
        if self._made > MAX_MADE:
            raise RenderLimitExceeded("the template makes too many or too long values")
        if time.monotonic() > self._deadline:
            raise RenderLimitExceeded(f"the templates of this answer run longer than {self.limits.timeout:g} s")

    def foresee(self, units: int) -> None:
        """Refuse a value before it is made.

        Raises:
            RenderLimitExceeded: it would be too large.
        """
        if units > MAX_VALUE:
            raise RenderLimitExceeded(f"the template makes a value larger than {MAX_VALUE:,} characters or elements")

    def admit(self, value: Value) -> Value:
        """Charge a value that a template has made, and return it.

        Raises:
            RenderLimitExceeded: it is too large, or too much was made in all.
        """
        if isinstance(value, SIZED):
            self.foresee(self.size(value))
            self.spend(len(value))  # type: ignore[arg-type] # all of SIZED have a length
        return value

    def size(self, value: object) -> int:
        """Return the characters and elements of a value and of everything in it, counted as often as they appear.

        A list that holds another one twice counts it twice, since showing or comparing it costs that much. Containers
        cannot be changed by a template, so each is measured once and kept alive until the template ends.
        """
        if isinstance(value, str):
            return len(value)
        if isinstance(value, int):
            return 1 + value.bit_length() // 3
        if not isinstance(value, _CONTAINERS):
            return 1
        known = self._sizes.get(id(value))
        if known is None:
            known = self._sizes[id(value)] = (value, 1 + sum(map(self.size, _elements(value))))
        return known[1]


running: ContextVar[Budget] = ContextVar("permabots.engine.sandbox.budget.running")
"""The budget of the template being rendered."""


class Watched:
    """An iterable that charges each item to the running budget, so that no loop outlives it.

    Args:
        source: what to iterate over.
        cost: characters that each round writes without further notice.
    """

    __slots__ = ("_cost", "_source")

    def __init__(self, source: Iterable[Any], cost: int = 0) -> None:
        self._source = source
        self._cost = cost

    def __iter__(self) -> Iterator[Any]:
        budget = running.get()
        for item in self._source:
            budget.spend(self._cost)
            yield item

    def __len__(self) -> int:
        return len(self._source)  # type: ignore[arg-type] # the TypeError of what has none is what callers expect

    def __bool__(self) -> bool:
        return True  # as a generator is, whose length is not known


def _elements(value: Any) -> Iterator[object]:
    yield from value
    if isinstance(value, _MAPPINGS):
        yield from value.values()
