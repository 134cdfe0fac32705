"""The filters of lists and objects. They return a list where Jinja's return a generator."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import CONTAINERS, MAPPINGS, called, charge_new, charge_walk, items_of, show
from permabots.engine.templates.tables import operators
from permabots.engine.templates.tables.item_filters import listed
from permabots.engine.templates.tables.lookup import attribute as attribute_of
from permabots.engine.templates.tables.lookup import getter
from permabots.engine.templates.tables.methods import pairs
from permabots.engine.templates.tables.registry import (
    unknown_among,
)
from permabots.engine.templates.value_kinds import Undefined, Value
from permabots.exceptions import TemplateError

Filter = Callable[..., Value]
_LIST_BYTES = 96
_MAX_ATTRIBUTES = 200


def _sort_key(case_sensitive: bool, get: Callable[[Value], Value]) -> Callable[[Value], Value]:
    def key(value: Value) -> Value:
        part = get(value)
        return part.lower() if isinstance(part, str) and not case_sensitive else part

    return key


def _ordered(run: Run, items: list[Value], key: Callable[[Value], Value], reverse: bool = False) -> list[Value]:
    """Return items sorted by a key; all comparisons are charged before the first."""
    keys = [key(item) for item in items]
    run.budget.make(16 * len(items))
    run.budget.spend(sum(charge_walk(each, run.budget) for each in keys) * max(1, len(items).bit_length()) // 4)
    if unknown_among(keys, {}) is not None:
        return items
    for each in keys:
        if isinstance(each, Undefined):
            raise TemplateError(operators.undefined_message(each))
    try:
        numbers = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    except TypeError:
        kinds = " and ".join(sorted({called(each) for each in keys}))
        raise TemplateError(f"values of different kinds cannot be sorted: {kinds}") from None
    return [items[number] for number in numbers]


def _sort(
    run: Run, value: Value, reverse: bool = False, case_sensitive: bool = False, attribute: Value = None
) -> list[Value]:
    names = attribute[:_MAX_ATTRIBUTES].split(",") if isinstance(attribute, str) else [attribute]
    gets = [getter(name, run.budget) for name in names]
    single = _sort_key(case_sensitive, gets[0])
    if len(gets) == 1:
        return _ordered(run, listed(run, value), single, reverse)
    keys = [_sort_key(case_sensitive, get) for get in gets]
    return _ordered(run, listed(run, value), lambda item: [key(item) for key in keys], reverse)


def _dictsort(
    run: Run, value: Value, case_sensitive: bool = False, by: str = "key", reverse: bool = False
) -> list[tuple[str, Value]]:
    if by not in ("key", "value"):
        raise TemplateError("dictsort sorts by 'key' or by 'value'")
    if isinstance(value, Undefined):
        return []
    if type(value) not in MAPPINGS:
        raise TemplateError(f"dictsort wants an object, not {called(value)}")
    key = _sort_key(case_sensitive, getter(0 if by == "key" else 1, run.budget))
    return _ordered(run, pairs(run.budget, value), key, reverse)


def _extreme(is_better: str) -> Filter:
    def extreme(run: Run, value: Value, case_sensitive: bool = False, attribute: Value = None) -> Value:
        items = listed(run, value)
        if not items:
            return Undefined("")
        key = _sort_key(case_sensitive, getter(attribute, run.budget))
        best, best_key = items[0], key(items[0])
        for item in items[1:]:
            item_key = key(item)
            run.budget.spend(1)
            if (unknown := unknown_among([item_key, best_key], {})) is not None:
                return unknown
            if operators.ordered(is_better, item_key, best_key, run.budget):
                best, best_key = item, item_key
        return best

    return extreme


def _unique(run: Run, value: Value, case_sensitive: bool = False, attribute: Value = None) -> list[Value]:
    key = _sort_key(case_sensitive, getter(attribute, run.budget))
    seen: set[Any] = set()
    unique: list[Value] = []
    for item in listed(run, value):
        run.budget.spend(1)
        identity = _identity(key(item), run.budget)
        run.budget.make(64)
        if identity not in seen:
            seen.add(identity)
            unique.append(item)
    return unique


def _identity(value: Value, budget: Budget) -> Any:
    """Return a hashable that is equal for equal values. Large numbers become text: many could have the same hash."""
    if type(value) in CONTAINERS or (isinstance(value, int) and value.bit_length() > 64):
        return ("", show(value, budget))
    return str(value) if isinstance(value, str) else value


def _groupby(
    run: Run, value: Value, attribute: Value, default: Value = None, case_sensitive: bool = False
) -> list[tuple[Value, list[Value]]]:
    get = getter(attribute, run.budget, default)
    key = _sort_key(case_sensitive, get)
    groups: list[tuple[Value, list[Value]]] = []
    previous: Value = None
    for item in _ordered(run, listed(run, value), key):
        item_key = key(item)
        run.budget.make(72)
        if not groups or not operators.equal(item_key, previous, run.budget):
            groups.append((get(item), []))
            previous = item_key
        groups[-1][1].append(item)
    return groups


def _sum(run: Run, value: Value, attribute: Value = None, start: Value = 0) -> Value:
    add = operators.arithmetic("+")
    get = getter(attribute, run.budget)
    total = start
    for item in listed(run, value):
        run.budget.spend(1)
        total = add(total, get(item), run.budget)
    return total


def _first(run: Run, value: Value) -> Value:
    items = items_of(value, run.budget)
    return items[0] if items else Undefined("")


def _last(run: Run, value: Value) -> Value:
    items = items_of(value, run.budget)
    return items[-1] if items else Undefined("")


def _random(run: Run, value: Value) -> Value:
    items = items_of(value, run.budget)
    return random.choice(items) if items else Undefined("")  # noqa: S311 - not used for secrets


def _length(run: Run, value: Value) -> int:
    if isinstance(value, str) or type(value) in CONTAINERS:
        return len(value)
    return len(items_of(value, run.budget))


def _reverse(run: Run, value: Value) -> Value:
    if isinstance(value, str):
        run.budget.make_text(len(value))
        return str(value)[::-1]
    return listed(run, value)[::-1]


def _batch(run: Run, value: Value, linecount: Any, fill_with: Value = None) -> list[list[Value]]:
    items = listed(run, value)
    if not isinstance(linecount, int) or linecount < 1:
        raise TemplateError("batch wants a number of items, 1 at least")
    run.budget.make((-(-len(items) // linecount)) * _LIST_BYTES + 8 * len(items))
    rows = [items[start : start + linecount] for start in range(0, len(items), linecount)]
    if rows and fill_with is not None:
        run.budget.make(8 * linecount)
        rows[-1] += [fill_with] * (linecount - len(rows[-1]))
    return charge_new(rows, run.budget)  # type: ignore[no-any-return]


def _slice(run: Run, value: Value, slices: Any, fill_with: Value = None) -> list[list[Value]]:
    items = listed(run, value)
    if not isinstance(slices, int) or slices < 1:
        raise TemplateError("slice wants a number of parts, 1 at least")
    run.budget.make(_LIST_BYTES * slices + 8 * len(items))
    size, longer = divmod(len(items), slices)
    parts: list[list[Value]] = []
    start = 0
    for number in range(slices):
        run.budget.spend(1)
        end = start + size + (number < longer)
        filled = [fill_with] if fill_with is not None and number >= longer else []
        parts.append(items[start:end] + filled)
        start = end
    return charge_new(parts, run.budget)  # type: ignore[no-any-return]


def _items(run: Run, value: Value) -> list[tuple[str, Value]]:
    if isinstance(value, Undefined):
        return []
    if type(value) not in MAPPINGS:
        raise TemplateError(f"items wants an object, not {called(value)}")
    return pairs(run.budget, value)


def _attr(run: Run, value: Value, name: Value) -> Value:
    """Return an attribute or a method, never a key."""
    name = str(show(name, run.budget))
    if type(value) in MAPPINGS:
        found = attribute_of({}, name, "(…)")
        return Undefined(f"(…).{name}"[:100]) if isinstance(found, Undefined) else _bound(found, value)
    return attribute_of(value, name, "(…)")


def _bound(method: Any, owner: Value) -> Value:
    return type(method)(method.name, method.function, owner)


LIST_FILTERS: Mapping[str, Filter] = {
    "attr": _attr,
    "batch": _batch,
    "count": _length,
    "dictsort": _dictsort,
    "first": _first,
    "groupby": _groupby,
    "items": _items,
    "last": _last,
    "length": _length,
    "list": listed,
    "max": _extreme("gt"),
    "min": _extreme("lt"),
    "random": _random,
    "reverse": _reverse,
    "slice": _slice,
    "sort": _sort,
    "sum": _sum,
    "unique": _unique,
}
