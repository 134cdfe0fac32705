"""The values of templates: JSON's, and a closed set of kinds beside them, which have nothing but what tables give them.

Every walk through a value is charged before it is made, and no value is nested deeper than `MAX_DEPTH`, so that
comparing, showing and writing it may recurse.
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
"""What is kept of each item while a list is shown."""

MAX_BITS = 64
"""The largest whole number that is computed."""

_MAX_SHOWN_BITS = 10_000
"""The largest whole number that is shown: of 3,000 digits, which take 0.1 ms to write."""

MAPPINGS: tuple[type, ...] = (dict, MappingProxyType)
LISTS: tuple[type, ...] = (list, tuple)
CONTAINERS: tuple[type, ...] = (*LISTS, *MAPPINGS)
MOMENTS = (datetime, date, time)
NUMBERS = (int, float)
"""Types of numbers; true and false count as such, as in Python."""


def called(value: Value) -> str:
    """Return what kind of value it is, in words for an author."""
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


def look(value: Value, budget: Budget) -> int:
    """Charge a walk through all of a value, and return how many steps it takes.

    Raises:
        RenderLimitExceeded: it takes too many, or the value is nested too deeply.
    """
    if isinstance(value, str):
        steps = 1 + len(value) // BYTES_PER_STEP
        budget.spend(steps)
        return steps
    if type(value) not in CONTAINERS:
        budget.spend(1)
        return 1
    return _look(value, budget, MAX_DEPTH)


def _look(value: Value, budget: Budget, depth: int) -> int:
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
            steps += _look(child, budget, depth - 1)
    return steps


def children(value: Value) -> Iterator[Value]:
    """Yield what a list holds, and the values of an object."""
    return iter(value.values() if type(value) in MAPPINGS else value)


def built(value: Value, budget: Budget) -> Value:
    """Charge a list, tuple or object that has been put together of values, and return it.

    Raises:
        RenderLimitExceeded: it is nested too deeply, or too much was made.
    """
    budget.make(56 + 16 * len(value))
    for child in children(value):
        if type(child) in CONTAINERS:
            _look(child, budget, MAX_DEPTH - 1)
    return value


def too_deep() -> RenderLimitExceeded:
    return RenderLimitExceeded(f"lists and objects are nested more than {MAX_DEPTH} deep")


def show(value: Value, budget: Budget) -> str:
    """Return how a value reads where a template puts it out, charged, the name of an undefined one noted."""
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
    """Return a number's digits, charged where they are many."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        charged(value, budget)
    return str(value)


def charged(value: Value, budget: Budget) -> Value:
    """Charge the digits of a number before they are written, and return it; of anything else nothing.

    Raises:
        TemplateError: they are thousands.
        RenderLimitExceeded: too much was made.
    """
    if isinstance(value, int):
        if value.bit_length() > _MAX_SHOWN_BITS:
            raise TemplateError("a number of thousands of digits cannot be shown")
        budget.make_text(value.bit_length() // 3)
    return value


def _repr(value: Value, budget: Budget, depth: int) -> str:
    """Return a value as Python would write it inside a list."""
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
    if isinstance(value, MOMENTS):
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
    """Return the key under which an object holds something: a text.

    Raises:
        TemplateError: no object has such a key.
    """
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, NUMBERS):
        return number_text(value, budget) if isinstance(value, int) else str(value)
    raise TemplateError(f"{called(value)} cannot be a key of an object: keys are texts")


def items_of(value: Value, budget: Budget) -> list[Value] | tuple[Value, ...] | str:
    """Return what a loop or a filter walks through; the keys of an object, the characters of a text.

    Raises:
        TemplateError: there is nothing in it to walk through.
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


def contains_cost(container: Value, value: Value, budget: Budget) -> None:
    """Charge a search for a value in a list, before it is made."""
    budget.spend(len(container) // 4)
    if type(value) in CONTAINERS:
        look(container, budget)
        budget.spend(len(container) * look(value, budget))
    elif isinstance(value, str) and len(value) > BYTES_PER_STEP:
        budget.spend(len(container) * (len(value) // BYTES_PER_STEP))
