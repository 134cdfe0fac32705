"""Which methods of built-in values a template may call, and bounded versions of those that could make huge texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from functools import partial
from typing import Any

from jinja2 import Environment
from jinja2.sandbox import SandboxedFormatter
from markupsafe import Markup

from permabots.engine.sandbox.budget import Watched, running
from permabots.engine.sandbox.escaping import Written
from permabots.engine.sandbox.now import formatted
from permabots.engine.sandbox.operators import check_width

_STR = """capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower
isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex rpartition
rsplit rstrip split splitlines startswith strip swapcase title upper"""

_TIME = "hour isoformat microsecond minute replace second tzname utcoffset"
_DATE = f"{_TIME} ctime date day isocalendar isoweekday month time timestamp timetuple toordinal weekday year"

_ALLOWED: tuple[tuple[type, frozenset[str]], ...] = (
    (str, frozenset(_STR.split())),
    (dict, frozenset({"copy", "get", "items", "keys", "values"})),
    (list, frozenset({"copy", "count", "index"})),
    (tuple, frozenset({"count", "index"})),
    (int, frozenset()),
    (float, frozenset({"is_integer"})),
    (date, frozenset(_DATE.split())),
    (time, frozenset(_TIME.split())),
    (type, frozenset()),
)


def is_allowed(owner: object, attribute: str) -> bool:
    """Return whether a template may use an attribute of a built-in value; of other values the sandbox decides."""
    return all(attribute in names for kind, names in _ALLOWED if isinstance(owner, kind))


def bounded(method: object, kind: type[Written], environment: Environment) -> Callable[..., str] | None:
    """Return what a template gets in place of a method that could make a huge text; None for any other value.

    Args:
        method: an attribute of some value.
        kind: how values are escaped in this template.
        environment: looks up what a format names.
    """
    owner, name = getattr(method, "__self__", None), getattr(method, "__name__", "")
    if isinstance(owner, date | time) and name == "strftime":
        return partial(formatted, owner)
    if not isinstance(owner, str) or name not in _BOUNDED:
        return None
    return partial(_BOUNDED[name], kind.own(owner) if isinstance(owner, Markup) else owner, kind, environment)


def replaced(text: str, kind: type[Written], old: str, new: object, count: int = -1) -> str:
    """Return a text with ``old`` replaced: what is as written stays so, and what is not gets escaped beside it.

    Raises:
        ValueError: ``old`` is empty.
        RenderLimitExceeded: the text gets too long.
    """
    return kind.joined(_interleaved(text.split(str(old), count), new))


def joined(separator: object, kind: type[Written], values: Iterable[object]) -> str:
    """Return the values as one text, with the separator between them.

    Raises:
        RenderLimitExceeded: the text gets too long, or takes too long.
    """
    return kind.joined(_interleaved(Watched(values), separator))


def _interleaved(values: Iterable[object], separator: object) -> Iterator[object]:
    for number, value in enumerate(values):
        if number:
            yield separator
        yield value


class _Formatter(SandboxedFormatter):
    """`str.format` that escapes the values put in.

    Args:
        environment: looks up what a format names.
        kind: how values are escaped.
        foreign: a format whose own text is escaped too, since it is somebody's value.
    """

    def __init__(self, environment: Environment, kind: type[Written], foreign: str | None = None) -> None:
        super().__init__(environment)
        self._kind = kind
        self._foreign = foreign

    def parse(self, format_string: str) -> Iterator[Any]:
        for text, *place in super().parse(format_string):
            yield self._kind.escape(text) if format_string is self._foreign else text, *place

    def format_field(self, value: Any, format_spec: str) -> str:
        check_width(*re.findall(r"\d+", format_spec), str(len(format_spec)))
        text = self._kind.escape(format(value, format_spec) if format_spec else value)
        running.get().spend(len(text))
        return text


def _format(owner: str, kind: type[Written], environment: Environment, /, *args: Any, **values: Any) -> str:
    return _format_map(owner, kind, environment, values, args)


def _format_map(
    owner: str, kind: type[Written], environment: Environment, values: Mapping[str, Any], args: tuple[Any, ...] = ()
) -> str:
    if isinstance(owner, Markup):
        return kind.own(_Formatter(environment, kind).vformat(owner, args, values))
    if any(isinstance(value, Markup) for value in (*args, *values.values())):
        return kind.own(_Formatter(environment, kind, foreign=owner).vformat(owner, args, values))
    return _Formatter(environment, Written).vformat(owner, args, values)


def _padder(name: str) -> Callable[..., str]:
    def padded(owner: str, _kind: type[Written], _environment: Environment, width: int, *fill: str) -> str:
        running.get().foresee(width)
        return str.__getattribute__(owner, name)(width, *fill)  # type: ignore[no-any-return]

    return padded


def _expandtabs(owner: str, _kind: type[Written], _environment: Environment, tabsize: int = 8) -> str:
    running.get().foresee(len(owner) + owner.count("\t") * tabsize)
    return owner.expandtabs(tabsize)


def _join(owner: str, kind: type[Written], _environment: Environment, values: Iterable[object]) -> str:
    return joined(owner, kind, values)


def _replace(owner: str, kind: type[Written], _environment: Environment, old: str, new: object, count: int = -1) -> str:
    return replaced(owner, kind, old, new, count)


_BOUNDED: Mapping[str, Callable[..., str]] = {
    **{name: _padder(name) for name in ("center", "ljust", "rjust", "zfill")},
    "expandtabs": _expandtabs,
    "format": _format,
    "format_map": _format_map,
    "join": _join,
    "replace": _replace,
}
