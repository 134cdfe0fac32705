"""The functions that templates may call by name, and the kinds of values that they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import charge_new, key_of
from permabots.engine.templates.tables.registry import unknown_among
from permabots.engine.templates.value_kinds import Kind, Method, Namespace, Undefined, Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

MAX_RANGE = 100_000
"""The longest range."""

_INT_BYTES = 40


class Function(Kind):
    """A function that a template may call.

    Args:
        name: its name in templates.
        function: the function; it takes the budget and the arguments.
    """

    __slots__ = ("function", "name")
    called = "a function"

    def __init__(self, name: str, function: Callable[..., Value]) -> None:
        self.name = name
        self.function = function


class Cycler(Kind):
    """``cycler('a', 'b')``: returns its values in turn.

    Args:
        values: the values, at least one.
    """

    __slots__ = ("position", "values")
    called = "cycler"

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values
        self.position = 0

    def next(self) -> Value:
        """Return the current value, and make the next one current."""
        value = self.values[self.position]
        self.position = (self.position + 1) % len(self.values)
        return value

    def reset(self) -> None:
        """Make the first value current."""
        self.position = 0

    attributes: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {
            "current": lambda self: self.values[self.position],
            "next": lambda self: Method("cycler.next", lambda _budget, owner: owner.next(), self),
            "reset": lambda self: Method("cycler.reset", lambda _budget, owner: owner.reset(), self),
        }
    )


def _range(budget: Budget, start: int, stop: int | None = None, step: int = 1) -> list[int] | Unknown:
    if stop is None:
        start, stop = 0, start
    if (unknown := unknown_among([start, stop, step], {})) is not None:
        return unknown
    if not all(type(bound) in (int, bool) for bound in (start, stop, step)):
        raise TemplateError("range wants whole numbers")
    if step == 0:
        raise TemplateError("the step of a range cannot be 0")
    numbers = range(start, stop, step)
    if max(abs(start), abs(stop), abs(step)).bit_length() > 62 or len(numbers) > MAX_RANGE:
        raise RenderLimitExceeded(f"a range is longer than {MAX_RANGE:,}")
    budget.make(_INT_BYTES * len(numbers))
    return list(numbers)


def _dict(budget: Budget, pairs: Value = None, /, **values: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if isinstance(pairs, Mapping):
        found.update(pairs)
    elif isinstance(pairs, list | tuple):
        for pair in pairs:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise TemplateError("dict wants an object, or a list of pairs")
            found[key_of(pair[0], budget)] = pair[1]
    elif pairs is not None and not isinstance(pairs, Undefined):
        raise TemplateError("dict wants an object, or a list of pairs")
    return charge_new(found | values, budget)  # type: ignore[no-any-return]


def _namespace(budget: Budget, pairs: Value = None, /, **values: Value) -> Namespace:
    return Namespace(_dict(budget, pairs, **values))


def _cycler(_budget: Budget, *values: Value) -> Cycler:
    if not values:
        raise TemplateError("a cycler wants one value at least")
    return Cycler(values)


def _joiner(_budget: Budget, separator: Value = ", ") -> Function:
    used: list[bool] = []

    def join(_budget: Budget) -> Value:
        if used:
            return separator
        used.append(True)
        return ""

    return Function("joiner", join)


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "cycler": _cycler,
    "dict": _dict,
    "joiner": _joiner,
    "namespace": _namespace,
    "range": _range,
}
FUNCTIONS: Mapping[str, Function] = {name: Function(name, function) for name, function in _FUNCTIONS.items()}
