"""The methods of lists, objects, numbers, dates and times, and the fields of dates and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from operator import attrgetter, methodcaller
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import LISTS, MAPPINGS, charge_new, charge_search, key_of, show
from permabots.engine.templates.tables.formats import datetime_text
from permabots.engine.templates.tables.text_methods import plain
from permabots.engine.templates.value_kinds import Undefined, Value
from permabots.exceptions import TemplateError

Function = Callable[..., Value]


def _count(budget: Budget, owner: Value, value: Value) -> int:
    charge_search(owner, value, budget)
    return owner.count(value)  # type: ignore[no-any-return]


def _index(budget: Budget, owner: Value, value: Value) -> int:
    charge_search(owner, value, budget)
    if value not in owner:
        raise TemplateError("index: the list does not hold this value")
    return owner.index(value)  # type: ignore[no-any-return]


def _copied(budget: Budget, owner: Value) -> Value:
    return charge_new(owner, budget)  # no template can change the value, so no copy is made


def _get(budget: Budget, owner: Any, key: Value, default: Value = None) -> Value:
    return default if isinstance(key, Undefined) else owner.get(key_of(key, budget), default)


def pairs(budget: Budget, owner: Any) -> list[tuple[str, Value]]:
    """Return the keys and values of an object as pairs, and charge them."""
    budget.make(72 * len(owner))
    return list(owner.items())


def _keys(budget: Budget, owner: Any) -> list[str]:
    budget.make(8 * len(owner))
    return list(owner)


def _values(budget: Budget, owner: Any) -> list[Value]:
    budget.make(8 * len(owner))
    return list(owner.values())


LIST_METHODS: Mapping[str, Function] = {"copy": _copied, "count": _count, "index": _index}
OBJECT_METHODS: Mapping[str, Function] = {
    "copy": _copied,
    "get": _get,
    "items": pairs,
    "keys": _keys,
    "values": _values,
}


def _simple(method: Callable[[Any], Any]) -> Function:
    """Return a method that takes no arguments."""

    def call(_budget: Budget, owner: Any) -> Value:
        result = method(owner)
        return tuple(result) if isinstance(result, tuple) else result

    return call


def _strftime(budget: Budget, owner: Any, form: Value) -> str:
    return datetime_text(owner, form if isinstance(form, str) else show(form, budget), budget)


def _isoformat(_budget: Budget, owner: Any, *arguments: Value) -> str:
    text: str = owner.isoformat(*map(plain, arguments))
    return text


def _moved_to(_budget: Budget, owner: Any, **fields: int) -> Value:
    return owner.replace(**fields)


_TIME_METHODS: Mapping[str, Function] = {
    "isoformat": _isoformat,
    "replace": _moved_to,
    "strftime": _strftime,
    "tzname": _simple(methodcaller("tzname")),
}
_DATE_METHODS: Mapping[str, Function] = {
    "isoformat": _isoformat,
    "replace": _moved_to,
    "strftime": _strftime,
    **{name: _simple(methodcaller(name)) for name in ("ctime", "isocalendar", "isoweekday", "toordinal", "weekday")},
}
METHODS: Mapping[type, Mapping[str, Function]] = {
    **dict.fromkeys(LISTS, LIST_METHODS),
    **dict.fromkeys(MAPPINGS, OBJECT_METHODS),
    float: {"is_integer": _simple(float.is_integer)},
    date: _DATE_METHODS,
    time: _TIME_METHODS,
    datetime: {
        **_DATE_METHODS,
        **_TIME_METHODS,
        **{name: _simple(methodcaller(name)) for name in ("date", "time", "timestamp")},
    },
}
FIELDS: Mapping[type, Mapping[str, Callable[[Any], Value]]] = {
    tuple: {"grouper": lambda pair: pair[0], "list": lambda pair: pair[-1]},  # of groupby
    date: {name: attrgetter(name) for name in ("year", "month", "day")},
    time: {name: attrgetter(name) for name in ("hour", "minute", "second", "microsecond")},
    datetime: {name: attrgetter(name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
}
