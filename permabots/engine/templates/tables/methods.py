"""The methods of texts, lists, objects, numbers and moments, and what is looked up in a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from operator import attrgetter, methodcaller
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import (
    LISTS,
    MAPPINGS,
    Kind,
    Method,
    Namespace,
    Undefined,
    Value,
    built,
    called,
    contains_cost,
    items_of,
    key_of,
    look,
    show,
)
from permabots.engine.templates.rendered_text import Marked, cut, joined, mapped
from permabots.engine.templates.tables.formats import formatted, moment_text
from permabots.engine.templates.tables.registry import unknown_among
from permabots.engine.templates.tables.texts import padded, replaced, split_texts, stripped
from permabots.exceptions import TemplateError

Function = Callable[..., Value]

_NAME_CHARS = 100


# --- texts ------------------------------------------------------------------------------------------------------------


def _asking(method: Callable[..., Any]) -> Function:
    """Return a method that only looks at a text."""

    def ask(budget: Budget, owner: str, *arguments: Value) -> Value:
        budget.spend((len(owner) + sum(len(value) for value in arguments if isinstance(value, str))) // 64)
        return method(str(owner), *map(_plain, arguments))

    return ask


def _changing(method: Callable[[str], str]) -> Function:
    """Return a method that changes a text character by character."""

    def change(budget: Budget, owner: str) -> str:
        return mapped(owner, method, budget)

    return change


def _whole(method: Callable[..., str]) -> Function:
    """Return a method that makes a text no longer than three times its own."""

    def make(budget: Budget, owner: str, *arguments: Value) -> Value:
        budget.make_text(3 * len(owner))
        budget.spend(len(owner) // 64)
        return method(str(owner), *map(_plain, arguments))

    return make


def _parting(method: Callable[[str, str], tuple[str, str, str]]) -> Function:
    def part(budget: Budget, owner: str, separator: str) -> tuple[str, ...]:
        budget.make_text(2 * len(owner))
        budget.spend(len(owner) // 64)
        return tuple(method(str(owner), _text(separator)))

    return part


def _plain(value: Value) -> Value:
    if isinstance(value, Kind):
        raise TemplateError(f"{called(value)} is no argument of a text's method")
    return str(value) if isinstance(value, Marked) else value


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"a text is wanted, not {called(value)}")
    return str(value)


def _padding(name: str) -> Function:
    def pad(budget: Budget, owner: str, width: int, fill: str = " ") -> str:
        return padded(name, owner, width, fill, budget)

    return pad


def _zfill(budget: Budget, owner: str, width: int) -> str:
    budget.make_text(max(len(owner), width))
    return str(owner).zfill(width)


def _expandtabs(budget: Budget, owner: str, tabsize: int = 8) -> str:
    budget.make_text(len(owner) + owner.count("\t") * max(0, tabsize))
    return str(owner).expandtabs(tabsize)


def _replace(budget: Budget, owner: str, old: str, new: str, count: int = -1) -> str:
    return replaced(owner, _text(old), show(new, budget), count, budget)


def _join(budget: Budget, owner: str, values: Value) -> str:
    return interleaved(items_of(values, budget), owner, budget)


def interleaved(values: Any, separator: str, budget: Budget) -> str:
    """Return values as one text with a separator between them, charged; pieces that are marked stay so."""
    texts: list[str] = []
    budget.make(16 * len(values))
    for number, value in enumerate(values):
        if number and separator:
            texts.append(separator)
        texts.append(show(value, budget))
    return joined(texts, budget)


def _split(name: str) -> Function:
    def split(budget: Budget, owner: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
        return split_texts(name, owner, None if sep is None else _text(sep), maxsplit, budget)

    return split


def _splitlines(budget: Budget, owner: str, keepends: bool = False) -> list[str]:
    return split_texts("splitlines", owner, None, int(keepends), budget)


def _strip(name: str) -> Function:
    def strip(budget: Budget, owner: str, chars: str | None = None) -> str:
        return stripped(name, owner, None if chars is None else _text(chars), budget)

    return strip


def _removeprefix(budget: Budget, owner: str, prefix: str) -> str:
    return cut(owner, len(owner) - len(str(owner).removeprefix(_text(prefix))), len(owner), budget)


def _removesuffix(budget: Budget, owner: str, suffix: str) -> str:
    return cut(owner, 0, len(str(owner).removesuffix(_text(suffix))), budget)


def _format(budget: Budget, owner: str, *arguments: Value, **names: Value) -> str:
    return formatted(owner, arguments, names, item, budget)


def _format_map(budget: Budget, owner: str, names: Value) -> str:
    return formatted(owner, (), names if type(names) in MAPPINGS else {}, item, budget)


_ASKING: Mapping[str, Callable[..., Any]] = {
    "count": str.count,
    "endswith": str.endswith,
    "find": str.find,
    "index": str.index,
    "isalnum": str.isalnum,
    "isalpha": str.isalpha,
    "isascii": str.isascii,
    "isdecimal": str.isdecimal,
    "isdigit": str.isdigit,
    "isidentifier": str.isidentifier,
    "islower": str.islower,
    "isnumeric": str.isnumeric,
    "isprintable": str.isprintable,
    "isspace": str.isspace,
    "istitle": str.istitle,
    "isupper": str.isupper,
    "rfind": str.rfind,
    "rindex": str.rindex,
    "startswith": str.startswith,
}

TEXT_METHODS: Mapping[str, Function] = {
    **{name: _asking(method) for name, method in _ASKING.items()},
    **{name: _padding(name) for name in ("center", "ljust", "rjust")},
    **{name: _split(name) for name in ("split", "rsplit")},
    **{name: _strip(name) for name in ("strip", "lstrip", "rstrip")},
    "capitalize": _whole(str.capitalize),
    "casefold": _changing(str.casefold),
    "lower": _changing(str.lower),
    "partition": _parting(str.partition),
    "removeprefix": _removeprefix,
    "removesuffix": _removesuffix,
    "rpartition": _parting(str.rpartition),
    "swapcase": _changing(str.swapcase),
    "title": _whole(str.title),
    "upper": _changing(str.upper),
    "expandtabs": _expandtabs,
    "format": _format,
    "format_map": _format_map,
    "join": _join,
    "replace": _replace,
    "splitlines": _splitlines,
    "zfill": _zfill,
}


# --- lists and objects ------------------------------------------------------------------------------------------------


def _count(budget: Budget, owner: Value, value: Value) -> int:
    contains_cost(owner, value, budget)
    return owner.count(value)  # type: ignore[no-any-return]


def _index(budget: Budget, owner: Value, value: Value) -> int:
    contains_cost(owner, value, budget)
    if value not in owner:
        raise TemplateError("index: the list does not hold this value")
    return owner.index(value)  # type: ignore[no-any-return]


def _copied(budget: Budget, owner: Value) -> Value:
    return built(owner, budget)  # nothing can change it


def _get(_budget: Budget, owner: Any, key: Value, default: Value = None) -> Value:
    return default if isinstance(key, Undefined) else owner.get(key_of(key), default)


def pairs(budget: Budget, owner: Any) -> list[tuple[str, Value]]:
    """Return the keys and values of an object."""
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


# --- numbers and moments ----------------------------------------------------------------------------------------------


def _simple(method: Callable[[Any], Any]) -> Function:
    """Return a method that takes no arguments."""

    def call(_budget: Budget, owner: Any) -> Value:
        result = method(owner)
        return tuple(result) if isinstance(result, tuple) else result

    return call


def _strftime(budget: Budget, owner: Any, form: Value) -> str:
    return moment_text(owner, form if isinstance(form, str) else show(form, budget), budget)


def _isoformat(_budget: Budget, owner: Any, *arguments: Value) -> str:
    text: str = owner.isoformat(*map(_plain, arguments))
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
_METHODS: Mapping[type, Mapping[str, Function]] = {
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
_FIELDS: Mapping[type, Mapping[str, Callable[[Any], Value]]] = {
    tuple: {"grouper": lambda pair: pair[0], "list": lambda pair: pair[-1]},  # of groupby
    date: {name: attrgetter(name) for name in ("year", "month", "day")},
    time: {name: attrgetter(name) for name in ("hour", "minute", "second", "microsecond")},
    datetime: {name: attrgetter(name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
}


# --- looking up -------------------------------------------------------------------------------------------------------


def attribute(owner: Value, name: str, path: str = "") -> Value:
    """Return what stands behind a dot: a key, then an attribute or a method of the tables; else `Undefined`.

    Args:
        owner: what it is looked up in.
        name: the name.
        path: how its author would write the owner.
    """
    if type(owner) in MAPPINGS and name in owner:
        return owner[name]
    if isinstance(owner, Undefined):
        return owner.within(name)
    if isinstance(owner, Namespace):
        return owner.values[name] if name in owner.values else _missing(path, name)
    if isinstance(owner, Kind):
        known = owner.attributes.get(name)
        return known(owner) if known else _missing(path, name)
    field = _FIELDS.get(type(owner), {}).get(name) if owner != () else None
    if field is not None:
        return field(owner)
    methods = TEXT_METHODS if isinstance(owner, str) else _METHODS.get(type(owner), {})
    function = methods.get(name)
    return Method(f"{path}.{name}", function, owner) if function else _missing(path, name)


def _missing(path: str, name: object) -> Undefined:
    return Undefined(f"{path}.{str(name)[:_NAME_CHARS] if isinstance(name, str | int) else '…'}")


def method(owner: Value, name: str, path: str) -> Value:
    """Return what is called as ``owner.name(…)``: as `attribute`, but a method before a key that cannot be called.

    Raises:
        TemplateError: values of this kind have no such method.
    """
    found = attribute(owner, name, path)
    if type(owner) in MAPPINGS:
        if not isinstance(found, Kind) and name in OBJECT_METHODS:
            return Method(f"{path}.{name}", OBJECT_METHODS[name], owner)
    elif isinstance(found, Undefined) and not isinstance(owner, Undefined):
        raise TemplateError(f"{called(owner)} has no method {name[:50]!r} in a template")
    return found


def item(owner: Value, key: Value, path: str = "(…)") -> Value:
    """Return what stands in brackets: an item or a character by its number, else what stands behind a dot.

    Args:
        owner: what it is looked up in.
        key: the number or the name.
        path: how its author would write the owner.
    """
    if type(owner) in LISTS or isinstance(owner, str):
        if isinstance(key, int):
            return owner[key] if -len(owner) <= key < len(owner) else _missing(path, key)
    elif type(owner) in MAPPINGS:
        if isinstance(key, str):
            return owner[key] if key in owner else attribute(owner, str(key), path)
        text = "" if isinstance(key, Kind | list | tuple | dict) else key_of(key)
        return owner[text] if text in owner else _missing(path, text)
    if isinstance(owner, Undefined):
        return owner.within(key[:_NAME_CHARS] if isinstance(key, str) else key if isinstance(key, int) else "…")
    return attribute(owner, str(key), path) if isinstance(key, str) else _missing(path, None)


def sliced(owner: Value, start: Value, stop: Value, step: Value, path: str, budget: Budget) -> Value:
    """Return a part of a list or a text, charged.

    Raises:
        TemplateError: a bound is no whole number, or there are no parts of such a value.
    """
    if isinstance(owner, Undefined):
        return owner.within("…")
    if not (type(owner) in LISTS or isinstance(owner, str)):
        raise TemplateError(f"{called(owner)} has no parts: {path}[…:…]")
    if (unknown := unknown_among([start, stop, step], {})) is not None:
        return unknown
    _check_bounds(start, stop, step)
    length = len(range(*slice(start, stop, step).indices(len(owner))))
    if isinstance(owner, str):
        budget.make_text(length)
        if step in (None, 1):
            first, last, _ = slice(start, stop).indices(len(owner))
            return cut(owner, first, max(first, last), budget)
        return str(owner)[start:stop:step]
    budget.make(8 * length)
    look(length, budget)
    return owner[start:stop:step]


def _check_bounds(*bounds: Value) -> None:
    for bound in bounds:
        if bound is not None and not isinstance(bound, int):
            raise TemplateError(f"the bounds of a part are whole numbers, not {called(bound)}")
    if bounds[-1] == 0:
        raise TemplateError("the step of a part cannot be 0")


def getter(attribute_path: Value, default: Value = None) -> Callable[[Value], Value]:
    """Return what looks up a dotted name, or a number, in an item: for filters that take an attribute.

    Args:
        attribute_path: ``name``, ``name.first``, ``0``; None for the item itself.
        default: given in place of what is not there, unless it is None.
    """
    if attribute_path is None:
        return lambda value: value
    parts = [int(part) if part.isdecimal() and len(part) < 9 else part for part in str(attribute_path).split(".")]

    def get(value: Value) -> Value:
        for part in parts:
            value = item(value, part, "(…)")
            if isinstance(value, Undefined) and default is not None:
                value = default
        return value

    return get
