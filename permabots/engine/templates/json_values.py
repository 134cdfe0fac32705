"""The values of templates: JSON values, and the closed set of kinds in `value_kinds`.

Every walk through a value is charged before it begins, and no value is nested deeper than `MAX_DEPTH`, so that
comparing and writing a value may recurse.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from types import MappingProxyType

from permabots.engine.templates.budget import BYTES_PER_STEP, Budget
from permabots.engine.templates.value_kinds import Kind, Method, Undefined, Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

MAX_DEPTH = 64
"""The deepest nesting of lists and objects."""

_SHOWN_BYTES = 80
"""Bytes that are charged for each item while a list is written."""

MAX_BITS = 64
"""The size of the largest whole number that is computed."""

_MAX_SHOWN_BITS = 10_000
"""The size of the largest whole number that is written: 3,000 digits, which take 0.1 ms."""

MAPPINGS: tuple[type, ...] = (dict, MappingProxyType)
LISTS: tuple[type, ...] = (list, tuple)
CONTAINERS: tuple[type, ...] = (*LISTS, *MAPPINGS)
DATETIMES = (datetime, date, time)
NUMBERS = (int, float)
"""The types of numbers; true and false count as numbers, as in Python."""


def called(value: Value) -> str:
    """Return the name of a value's kind, in words for an author."""
    if isinstance(value, Kind):
        return value.called
    if isinstance(value, str):
        return "a text"
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, MAPPINGS):
        return "an object"
    return "a list" if isinstance(value, LISTS) else "a date"


def charge_walk(value: Value, budget: Budget) -> int:
    """Charge a walk through all of a value.

    Returns:
        The steps that it takes.

    Raises:
        RenderLimitExceeded: the walk takes too many steps, or the value is nested too deeply.
    """
    if isinstance(value, str):
        steps = 1 + len(value) // BYTES_PER_STEP
        budget.spend(steps)
        return steps
    if type(value) not in CONTAINERS:
        budget.spend(1)
        return 1
    return _charge_walk(value, budget, MAX_DEPTH)


def _charge_walk(value: Value, budget: Budget, depth: int) -> int:
    if depth < 0:
        raise too_deep()
    budget.spend(1 + len(value))
    steps = 1 + len(value)
    for child in children(value):
        if isinstance(child, str):
            if len(child) >= BYTES_PER_STEP:
                steps += len(child) // BYTES_PER_STEP
                budget.spend(len(child) // BYTES_PER_STEP)
        elif type(child) in CONTAINERS:
            steps += _charge_walk(child, budget, depth - 1)
    return steps


def children(value: Value) -> Iterator[Value]:
    """Yield the items of a list, or the values of an object."""
    return iter(value.values() if type(value) in MAPPINGS else value)


def charge_new(value: Value, budget: Budget) -> Value:
    """Charge a new list, tuple or object, and return it.

    Raises:
        RenderLimitExceeded: the value is nested too deeply, or too few bytes are left.
    """
    budget.make(56 + 16 * len(value))
    for child in children(value):
        if type(child) in CONTAINERS:
            _charge_walk(child, budget, MAX_DEPTH - 1)
    return value


def too_deep() -> RenderLimitExceeded:
    return RenderLimitExceeded(f"lists and objects are nested more than {MAX_DEPTH} deep")


def show(value: Value, budget: Budget) -> str:
    """Return a value as the text that a template writes, and charge it; note the name of an undefined value.

    Raises:
        TemplateError: the value is a number of thousands of digits, or holds one.
        RenderLimitExceeded: too few bytes or steps are left, or the value is nested too deeply.
    """
    kind = type(value)
    if kind is str or isinstance(value, str):
        return value  # type: ignore[no-any-return]
    if kind is int or kind is float:
        return number_text(value, budget)
    if isinstance(value, Undefined):
        if value.name:
            budget.note_undefined(value.name)
        return ""
    if isinstance(value, Method):
        budget.note_undefined(f"{value.name} (a method: write {value.name.rpartition('.')[2]}() to call it)")
        return ""
    return _repr(value, budget, MAX_DEPTH) if kind in CONTAINERS else str(value)


def number_text(value: float, budget: Budget) -> str:
    """Return a number's digits, and charge them where they are many.

    Raises:
        TemplateError: the number has thousands of digits.
        RenderLimitExceeded: too few bytes are left.
    """
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        charge_digits(value, budget)
    return str(value)


def charge_digits(value: Value, budget: Budget) -> Value:
    """Charge the digits of a whole number, before they are written. Other values are not charged.

    Returns:
        The value.

    Raises:
        TemplateError: the number has thousands of digits.
        RenderLimitExceeded: too few bytes are left.
    """
    if isinstance(value, int):
        if value.bit_length() > _MAX_SHOWN_BITS:
            raise TemplateError("a number of thousands of digits cannot be shown")
        budget.make_text(value.bit_length() // 3)
    return value


def _repr(value: Value, budget: Budget, depth: int) -> str:
    """Return a value as Python writes it inside of a list."""
    if isinstance(value, str):
        budget.make_text(2 + 2 * len(value))
        return str.__repr__(value)
    if type(value) in CONTAINERS:
        if depth <= 0:
            raise too_deep()
        budget.spend(1 + len(value))
        budget.make(_SHOWN_BYTES * len(value))
        text = _repr_of_many(value, budget, depth - 1)
        budget.make_text(len(text))
        return text
    if isinstance(value, DATETIMES):
        return repr(str(value))
    return number_text(value, budget) if isinstance(value, int) else repr(value)


def _repr_of_many(value: Value, budget: Budget, depth: int) -> str:
    if type(value) in MAPPINGS:
        pairs = (f"{_repr(key, budget, depth)}: {_repr(item, budget, depth)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    items = ", ".join([_repr(item, budget, depth) for item in value])
    if type(value) is tuple:
        return f"({items},)" if len(value) == 1 else f"({items})"
    return f"[{items}]"


def key_of(value: Value, budget: Budget) -> str:
    """Return a value as the key of an object: a text.

    Raises:
        TemplateError: the value cannot be a key.
    """
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, NUMBERS):
        return number_text(value, budget) if isinstance(value, int) else str(value)
    raise TemplateError(f"{called(value)} cannot be a key of an object: keys are texts")


def items_of(value: Value, budget: Budget) -> list[Value] | tuple[Value, ...] | str:
    """Return the items of a value for a loop or a filter: the keys of an object, the characters of a text.

    Raises:
        TemplateError: the value has no items.
    """
    cls = type(value)
    if cls is list or cls is tuple:
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        return value
    if cls in MAPPINGS:
        budget.make(8 * len(value))
        return list(value)
    if isinstance(value, Unknown):
        return value.items()
    if isinstance(value, Undefined):
        if value.name:
            budget.note_undefined(value.name)
        return ()
    raise TemplateError(f"{called(value)} cannot be walked through")


def charge_search(container: Value, value: Value, budget: Budget) -> None:
    """Charge a search for a value in a list, before it begins.

    Raises:
        RenderLimitExceeded: too few steps are left.
    """
    budget.spend(len(container) // 4)
    if type(value) in CONTAINERS:
        charge_walk(container, budget)
        budget.spend(len(container) * charge_walk(value, budget))
    elif isinstance(value, str) and len(value) > BYTES_PER_STEP:
        budget.spend(len(container) * (len(value) // BYTES_PER_STEP))
