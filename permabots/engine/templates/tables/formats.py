"""Formatting: ``%``, ``format`` and the formats of dates. Widths are limited, and fields read only template values."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, TypeVar

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import (
    DATETIMES,
    MAPPINGS,
    NUMBERS,
    called,
    charge_digits,
    charge_walk,
    show,
)
from permabots.engine.templates.rendered_text import cut, joined, like
from permabots.engine.templates.value_kinds import Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

MAX_WIDTH = 1_000
"""The largest width or precision in a format."""

MAX_FORMAT = 1_000
"""The longest format of a date, in characters."""

_PLACE_BYTES = 400
"""Bytes that are charged for each field of a format."""
_MAX_PLACE = 200

Made = TypeVar("Made")
Lookup = Callable[[Value, Any], Value]

_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[#0\- +]*+)(?P<width>\d*)(?:\.(?P<precision>\d*))?(?P<form>[a-zA-Z%])"
)
_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d*)[,_]?(?:\.(?P<precision>\d*))?[a-zA-Z%]?", re.DOTALL)
_DATE_DIRECTIVE = re.compile(r"%(?:[-_^#]?[A-Za-z]|%)")


def check_width(*widths: str | None) -> None:
    """Check the widths and precisions of a format.

    Args:
        widths: the digits of each, None or "" for none.

    Raises:
        RenderLimitExceeded: one is larger than `MAX_WIDTH`.
    """
    for width in widths:
        if width and (len(width) > len(str(MAX_WIDTH)) or int(width) > MAX_WIDTH):
            raise RenderLimitExceeded(f"a format is wider than {MAX_WIDTH:,} characters")


def percent(template: str, values: Value, budget: Budget) -> str:
    """Return the text of a ``%`` format.

    Args:
        template: the format.
        values: a tuple of values, an object for a format with names, or one value.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the format is malformed, or the number or the kinds of the values do not fit it.
        RenderLimitExceeded: a width is too large, or too few bytes or steps are left.
    """
    arguments = iter(values if type(values) is tuple else (values,))
    pieces: list[str] = []
    end = 0
    budget.spend(len(template) // 64 + 4 * template.count("%"))
    budget.make(_PLACE_BYTES * template.count("%"))
    for directive in _DIRECTIVE.finditer(template):
        pieces.append(_own_text(template, end, directive.start(), budget))
        end = directive.end()
        pieces.append("%" if directive["form"] == "%" else _put(directive, values, arguments, budget))
    pieces.append(_own_text(template, end, len(template), budget))
    if type(values) not in MAPPINGS and next(arguments, arguments) is not arguments:
        raise TemplateError("a format has fewer places than there are values")
    return joined(pieces, budget)


def _own_text(template: str, start: int, end: int, budget: Budget) -> str:
    if (position := template.find("%", start, end)) >= 0:
        raise TemplateError(f"{template[position : position + 10]!r} is no format: a percent sign is written %%")
    return cut(template, start, end, budget)


def _put(directive: re.Match[str], values: Value, arguments: Iterator[Value], budget: Budget) -> str:
    check_width(directive["width"], directive["precision"])
    if directive["key"] is None:
        value = next(arguments, arguments)
        if value is arguments:
            raise TemplateError("a format has more places than there are values")
    elif type(values) in MAPPINGS:
        if directive["key"] not in values:
            raise TemplateError(f"a format names {directive['key'][:50]!r}, which is not there")
        value = values[directive["key"]]
    else:
        raise TemplateError("a format with names wants an object")
    form = directive["form"]
    if isinstance(value, Unknown) or (form == "s" and directive[0] == "%s"):
        return show(value, budget)
    budget.make(MAX_WIDTH)
    value, form = _prepared(form, value, budget)
    precision = "" if directive["precision"] is None else f".{directive['precision']}"
    return _applied(lambda: f"%{directive['flags']}{directive['width']}{precision}{form}" % (value,))


def _prepared(form: str, value: Value, budget: Budget) -> tuple[Value, str]:
    """Return a value and a conversion with which Python's own ``%`` writes it."""
    if form in "ra":
        return _spelled(form, value, budget), "s"
    if form == "s" or (form == "c" and isinstance(value, str) and len(value) == 1):
        return str(show(value, budget)), "s"
    if not isinstance(value, NUMBERS):
        raise TemplateError(f"%{form} wants a number, not {called(value)}")
    return charge_digits(value, budget), form


def _spelled(form: str, value: Value, budget: Budget) -> str:
    """Return a value as Python writes it inside of a list; for the conversion ``a`` in ASCII."""
    text = show([value], budget)[1:-1]
    return text.encode("ascii", "backslashreplace").decode() if form == "a" else text


def formatted(
    template: str,
    arguments: Sequence[Value],
    names: Mapping[str, Value],
    lookup: Lookup,
    budget: Budget,
    automatic: Iterator[int] | None = None,
) -> str:
    """Return the text of a format with fields in braces, as `str.format` does for plain values.

    Args:
        template: the format.
        arguments: the values by position.
        names: the values by name.
        lookup: returns the attribute or item of a value.
        budget: what the turn may still cost.
        automatic: the numbers for fields without one, for a format inside of a format.

    Raises:
        TemplateError: the format is malformed, or names a value that was not given.
        RenderLimitExceeded: a width is too large, or too few bytes or steps are left.
    """
    places = template.count("{") + template.count("}")
    budget.spend(len(template) // 16 + 8 * places)
    budget.make(_PLACE_BYTES * places)
    pieces: list[str] = []
    automatic = automatic or iter(range(len(arguments)))
    for text, place, spec, conversion in _applied(lambda: list(string.Formatter().parse(str(template)))):
        pieces.append(like(template, text))
        if place is None:
            continue
        value = _value_of(place, arguments, names, automatic, lookup)
        if "{" in (spec := spec or ""):
            spec = str(formatted(spec, arguments, names, lookup, budget, automatic))
        pieces.append(_formatted(value, spec, conversion, budget))
    return joined(pieces, budget)


_PLACE = re.compile(r"(?P<first>[^.\[\]]*)(?P<rest>(?:\.[^.\[\]]+|\[[^\[\]]+\])*)")
_STEP = re.compile(r"\.([^.\[\]]+)|\[([^\[\]]+)\]")


def _value_of(
    place: str, arguments: Sequence[Value], names: Mapping[str, Value], automatic: Iterator[int], lookup: Lookup
) -> Value:
    field = _PLACE.fullmatch(place) if len(place) <= _MAX_PLACE else None
    if not field:
        raise TemplateError(f"{place[:50]!r} is no place of a format")
    first = field["first"]
    if not first or first.isdecimal():
        number = next(automatic, len(arguments)) if not first else int(first[:9])
        if number >= len(arguments):
            raise TemplateError("a format has more places than there are values")
        value = arguments[number]
    elif first in names:
        value = names[first]
    else:
        raise TemplateError(f"a format names {first[:50]!r}, which was not given")
    for attribute, key in _STEP.findall(field["rest"]):
        value = lookup(value, attribute or (int(key) if key.isdecimal() and len(key) < 9 else key))
    return value


def _formatted(value: Value, spec: str, conversion: str | None, budget: Budget) -> str:
    if conversion in ("r", "a"):
        value = _spelled(conversion, value, budget)
    elif conversion == "s":
        value = show(value, budget)
    if not spec or isinstance(value, Unknown):
        return show(value, budget)
    if isinstance(value, DATETIMES):
        return datetime_text(value, spec, budget)
    fitting = _SPEC.fullmatch(spec)
    if not fitting:
        raise TemplateError(f"{spec[:50]!r} is no form of a value")
    check_width(fitting["width"], fitting["precision"])
    budget.make(4 * MAX_WIDTH)
    if isinstance(value, str):
        budget.make_text(len(value))
        return _applied(lambda: format(str(value), spec))
    if not isinstance(value, NUMBERS):
        raise TemplateError(f"{called(value)} has no forms")
    return _applied(lambda: format(charge_digits(value, budget), spec))


def _applied(make: Callable[[], Made]) -> Made:
    """Return the result of one of Python's formatting functions.

    Args:
        make: calls the function, with a format whose widths have been checked.

    Raises:
        TemplateError: the format cannot be used with the value.
    """
    try:
        return make()
    except (OverflowError, TypeError, ValueError) as error:
        raise TemplateError("a format cannot be used with this value") from error


def datetime_text(moment: date | time, form: str, budget: Budget) -> str:
    """Return a date or time as text; where the format is the author's, the text counts as the author's.

    Args:
        moment: the date or time.
        form: the format, as `datetime.strftime` takes it.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the format has other directives than Python documents.
        RenderLimitExceeded: the format is too long, or too few bytes are left.
    """
    if len(form) > MAX_FORMAT:
        raise RenderLimitExceeded(f"the format of a date is longer than {MAX_FORMAT:,} characters")
    rest = _DATE_DIRECTIVE.sub("", form)
    if "%" in rest:
        raise TemplateError(f"{rest[rest.index('%') :][:10]!r} is no part of a date's format")
    budget.make(64 * len(form))
    text = _applied(lambda: moment.strftime(str(form)))
    charge_walk(text, budget)
    return like(form, text)
