"""The filters of templates: those of Jinja that are cheap, bounded versions of the others, and none that is neither.

Left out are ``pprint``, ``urlize``, ``wordwrap`` and ``xmlattr``: they serve web pages, and can take very long.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import Any

from jinja2 import Environment
from jinja2.filters import FILTERS, make_attrgetter
from markupsafe import Markup

from permabots.engine.sandbox import methods
from permabots.engine.sandbox.budget import Watched, running
from permabots.engine.sandbox.escaping import Written, WrittenUrl
from permabots.engine.sandbox.now import now
from permabots.engine.sandbox.operators import calculate, check_width, percent
from permabots.engine.sandbox.undefined import Missing
from permabots.exceptions import RenderLimitExceeded

_PICKING = "abs attr count d default first last length max min random"
"""Filters of Jinja that give a part of what they got, or a number."""

_MAKING = """capitalize dictsort filesizeformat groupby items lower map reject rejectattr reverse select selectattr
slice sort title trim truncate unique upper wordcount"""
"""Filters of Jinja whose result is a new value, not much larger than what they got."""

MAX_DIGITS = 1_000
"""The longest text that is read as a number."""

_SURROGATE = re.compile("[\ud800-\udfff]")

Filter = Callable[..., Any]


def filters(environment: Environment, kind: type[Written]) -> dict[str, Filter]:
    """Return the filters of one kind of template.

    Args:
        environment: looks up attributes for the filters that take their names.
        kind: how values are escaped.
    """
    return {
        **{name: FILTERS[name] for name in _PICKING.split()},
        **{name: _charged(FILTERS[name]) for name in _MAKING.split()},
        **{name: partial(_escape, kind) for name in ("e", "escape", "forceescape")},
        "batch": _batch,
        "center": _center,
        "float": _float,
        "format": partial(_format, kind),
        "indent": _indent,
        "int": _int,
        "join": partial(_join, kind, environment),
        "list": _list,
        "now": now,
        "replace": partial(_replace, kind),
        "round": _round,
        "safe": partial(_safe, kind),
        "string": _string,
        "striptags": _striptags,
        "sum": partial(_sum, kind, environment),
        "tojson": partial(_tojson, kind),
        "urlencode": partial(_urlencode, kind),
    }


def _charged(stock: Filter) -> Filter:
    """Return a filter of Jinja that charges what it makes, and keeps text that is as written so."""
    position = int(hasattr(stock, "jinja_pass_arg"))

    @wraps(stock)
    def charged(*args: Any, **kwargs: Any) -> Any:
        result = stock(*args, **kwargs)
        if isinstance(result, Iterator):
            return Watched(result)
        if type(result) is str and isinstance(args[position], Markup):
            result = type(args[position])(result)
        return running.get().admit(result)

    return charged


def _batch(value: Iterable[Any], linecount: int, fill_with: object = None) -> Watched:
    budget = running.get()
    budget.foresee(linecount * budget.size(fill_with))
    return Watched(FILTERS["batch"](Watched(value), linecount, fill_with))


def _center(value: object, width: int = 80) -> str:
    running.get().foresee(width)
    return running.get().admit(_text(value).center(width))


def _escape(kind: type[Written], value: object) -> str:
    return running.get().admit(kind.escape(value))


def _float(value: object, default: float = 0.0) -> Any:
    return default if isinstance(value, Missing) and not str(value) else FILTERS["float"](value, default)


def _format(kind: type[Written], value: object, *args: Any, **kwargs: Any) -> str:
    return percent(_text(value), kwargs or args, kind)


def _indent(value: object, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text = _text(value)
    margin = width if isinstance(width, int) else len(width)
    running.get().foresee(len(text) + (text.count("\n") + 1) * margin)
    return running.get().admit(str(FILTERS["indent"](text, width, first, blank)))


def _int(value: object, default: int = 0, base: int = 10) -> Any:
    if isinstance(value, Missing) and not str(value):
        return default
    if isinstance(value, str) and len(value) > MAX_DIGITS:
        raise RenderLimitExceeded(f"a text of more than {MAX_DIGITS:,} characters is read as a number")
    return FILTERS["int"](value, default, base)


def _join(
    kind: type[Written], environment: Environment, value: Iterable[Any], d: object = "", attribute: Any = None
) -> str:
    return methods.joined(d, kind, value if attribute is None else map(make_attrgetter(environment, attribute), value))


def _list(value: Iterable[Any]) -> list[Any]:
    return running.get().admit(list(Watched(value)))


def _replace(kind: type[Written], value: object, old: str, new: object, count: int | None = None) -> str:
    return methods.replaced(_text(value), kind, old, new, -1 if count is None else count)


def _round(value: Any, precision: int = 0, method: Any = "common") -> Any:
    check_width(str(abs(precision)))
    return FILTERS["round"](value, precision, method)


def _safe(kind: type[Written], value: object) -> str:
    return kind.own(_text(value))


def _string(value: object) -> str:
    return running.get().admit(_text(value))


def _striptags(value: object) -> str:
    """Return HTML as plain text, in one line."""
    start, *rest = str(value).split("<")
    pieces = [start]
    for piece in rest:
        tag, closed, text = piece.partition(">")
        pieces.append(text if closed else "<" + tag)
    return running.get().admit(html.unescape(" ".join("".join(pieces).split())))


def _sum(
    kind: type[Written], environment: Environment, value: Iterable[Any], attribute: Any = None, start: Any = 0
) -> Any:
    total = start
    for item in Watched(value if attribute is None else map(make_attrgetter(environment, attribute), value)):
        total = calculate("+", total, item, kind)
    return total


def _tojson(kind: type[Written], value: object, indent: int | None = None) -> str:
    check_width(str(indent or 0))
    encoder = json.JSONEncoder(ensure_ascii=False, indent=indent, sort_keys=True, default=_jsonable)
    text = Written.joined(encoder.iterencode(value))
    return kind.json(_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _jsonable(value: object) -> str | None:
    return str(value) or None if isinstance(value, Missing) else str(value)


def _urlencode(kind: type[Written], value: Any) -> str:
    text = running.get().admit(str(FILTERS["urlencode"](value)))
    return kind.own(text) if kind is WrittenUrl else text


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
