"""The methods of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import called, items_of, show
from permabots.engine.templates.rendered_text import Marked, cut, mapped
from permabots.engine.templates.tables.texts import (
    interleaved,
    padded,
    replaced,
    spend_backwards,
    split_texts,
    stripped,
)
from permabots.engine.templates.value_kinds import Kind, Value
from permabots.exceptions import TemplateError

Function = Callable[..., Value]


def _asking(method: Callable[..., Any]) -> Function:
    """Return a method that only reads a text."""

    def ask(budget: Budget, owner: str, *arguments: Value) -> Value:
        budget.spend((len(owner) + sum(len(value) for value in arguments if isinstance(value, str))) // 64)
        return method(str(owner), *map(plain, arguments))

    return ask


def _changing(method: Callable[[str], str]) -> Function:
    """Return a method that changes a text character by character."""

    def change(budget: Budget, owner: str) -> str:
        return mapped(owner, method, budget)

    return change


def _whole(method: Callable[..., str]) -> Function:
    """Return a method whose result is at most three times as long as the text."""

    def make(budget: Budget, owner: str, *arguments: Value) -> Value:
        budget.make_text(3 * len(owner))
        budget.spend(len(owner) // 64)
        return method(str(owner), *map(plain, arguments))

    return make


def _asking_backwards(method: Callable[..., Any]) -> Function:
    """Return a method that searches a text from its end."""

    def ask(budget: Budget, owner: str, part: str, *bounds: Value) -> Value:
        spend_backwards(owner, _text(part), budget)
        return method(str(owner), _text(part), *map(plain, bounds))

    return ask


def _parting(method: Callable[[str, str], tuple[str, str, str]]) -> Function:
    def part(budget: Budget, owner: str, separator: str) -> tuple[str, ...]:
        budget.make_text(2 * len(owner))
        spend_backwards(owner, _text(separator), budget)
        return tuple(method(str(owner), _text(separator)))

    return part


def plain(value: Value) -> Value:
    """Return an argument for one of Python's methods; a marked text becomes a plain one.

    Raises:
        TemplateError: the value is a `Kind`, which no method of Python takes.
    """
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
    "startswith": str.startswith,
}

PLAIN_TEXT_METHODS: Mapping[str, Function] = {
    **{name: _asking(method) for name, method in _ASKING.items()},
    "rfind": _asking_backwards(str.rfind),
    "rindex": _asking_backwards(str.rindex),
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
    "join": _join,
    "replace": _replace,
    "splitlines": _splitlines,
    "zfill": _zfill,
}
"""All methods of texts but ``format`` and ``format_map``, which need `lookup`."""
