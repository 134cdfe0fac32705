"""All filters by name: those of texts, of lists, and of any values."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from permabots.engine.templates import kinds, now
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import (
    DATETIMES,
    LISTS,
    MAPPINGS,
    MAX_DEPTH,
    NUMBERS,
    called,
    charge_digits,
    charge_walk,
    show,
    too_deep,
)
from permabots.engine.templates.rendered_text import Structure
from permabots.engine.templates.tables import operators
from permabots.engine.templates.tables.formats import check_width
from permabots.engine.templates.tables.item_filters import ITEM_FILTERS
from permabots.engine.templates.tables.list_filters import LIST_FILTERS
from permabots.engine.templates.tables.registry import FILTERS, TESTS
from permabots.engine.templates.tables.tests import ALL_TESTS
from permabots.engine.templates.tables.text_filters import TEXT_FILTERS
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

__all__ = ["FILTERS", "TESTS"]  # the registry's tables, which this module fills

MAX_DIGITS = 1_000
"""The longest text that is read as a number."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNITS = "kMGTPEZY"


def _default(run: Run, value: Value, default_value: Value = "", boolean: bool = False) -> Value:
    missing = isinstance(value, Undefined) or (boolean and not value)
    return default_value if missing else value


def _abs(_run: Run, value: Value) -> Value:
    if isinstance(value, Undefined):
        raise TemplateError(operators.undefined_message(value))
    if not isinstance(value, NUMBERS):
        raise TemplateError(f"abs wants a number, not {called(value)}")
    return abs(operators.check_bits(value))


def _int(run: Run, value: Value, default: Value = 0, base: int = 10) -> Value:
    try:
        if isinstance(value, str):
            return _bounded(run, int(_digits(value), base))
        return _bounded(run, int(value)) if isinstance(value, NUMBERS) else default
    except (OverflowError, ValueError):
        return _truncated(run, value, default)


def _truncated(run: Run, value: Value, default: Value) -> Value:
    try:
        return _bounded(run, int(float(value)))
    except (OverflowError, ValueError):
        return default


def _bounded(run: Run, number: int) -> int:
    run.budget.make(number.bit_length() // 8)
    if number.bit_length() > MAX_DIGITS * 4:
        raise RenderLimitExceeded("a text is read as a number of more than a thousand digits")
    return number


def _digits(text: str) -> str:
    if len(text) > MAX_DIGITS:
        raise RenderLimitExceeded(f"a text of more than {MAX_DIGITS:,} characters is read as a number")
    return str(text)


def _float(_run: Run, value: Value, default: Value = 0.0) -> Value:
    try:
        return (
            float(_digits(value) if isinstance(value, str) else value)
            if isinstance(value, str | int | float)
            else default
        )
    except (OverflowError, ValueError):
        return default


def _round(_run: Run, value: Value, precision: int = 0, method: str = "common") -> Value:
    if isinstance(value, Undefined):
        raise TemplateError(operators.undefined_message(value))
    if not isinstance(value, NUMBERS):
        raise TemplateError(f"round wants a number, not {called(value)}")
    if not isinstance(precision, int):
        raise TemplateError("round wants a whole number of digits")
    if method not in ("common", "ceil", "floor"):
        raise TemplateError("round knows the methods 'common', 'ceil' and 'floor'")
    check_width(str(abs(precision)))
    try:
        if method == "common":
            return round(operators.check_bits(value), precision)
        factor: float = 10.0**precision
        return (math.ceil if method == "ceil" else math.floor)(value * factor) / factor
    except (OverflowError, ValueError):
        raise TemplateError("the number cannot be rounded") from None


def _filesizeformat(run: Run, value: Value, binary: bool = False) -> str:
    if not isinstance(value, int | float | Undefined) and _float(run, value, None) is None:
        raise TemplateError(f"filesizeformat wants a number, not {called(value)}")
    size = _float(run, value)
    base = 1024 if binary else 1000
    if size == 1:
        return "1 Byte"
    if size < base:
        return f"{int(size)} Bytes"
    power = next((power for power in range(2, len(_UNITS) + 1) if size < base**power), len(_UNITS) + 1)
    letter = _UNITS[power - 2]
    unit = f"{letter.upper()}iB" if binary else f"{letter}B"
    return f"{base * size / base**power:.1f} {unit}"


def _tojson(run: Run, value: Value, indent: int | None = None) -> Value:
    if indent is not None and not isinstance(indent, int):
        raise TemplateError(f"tojson wants a number of blanks, not {called(indent)}")
    check_width(str(abs(indent or 0)))
    steps = charge_walk(value, run.budget)
    run.budget.make(steps * (16 + MAX_DEPTH * (indent or 0)))
    plain = _jsonable(run, value, MAX_DEPTH)
    try:
        text = json.dumps(plain, ensure_ascii=False, indent=indent, sort_keys=True, allow_nan=False)
    except ValueError:
        raise TemplateError("a number that is infinite, or none, has no place in JSON") from None
    run.budget.make_text(len(text))
    text = _SURROGATE.sub(lambda surrogate: f"\\u{ord(surrogate[0]):04x}", text)
    if run.kind is kinds.TEXT:
        return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Structure(text) if run.kind.keeps_values else text


def _jsonable(run: Run, value: Value, depth: int) -> Any:
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, NUMBERS):
        return charge_digits(value, run.budget)
    if depth == 0:
        raise too_deep()
    if type(value) in MAPPINGS:
        return {str(key): _jsonable(run, item, depth - 1) for key, item in value.items()}
    if type(value) in LISTS:
        return [_jsonable(run, item, depth - 1) for item in value]
    if isinstance(value, Undefined):
        return value.write_unquoted() if isinstance(value, Unknown) else show(value, run.budget) or None
    if isinstance(value, DATETIMES):
        return str(value)
    raise TemplateError(f"{called(value)} has no place in JSON")


def _now(run: Run, zone: Value, form: Value = now.DEFAULT_FORMAT, shift: Value = "", sign: int = 1) -> str:
    words = [show(word, run.budget) for word in (zone, form, shift)]
    return now.now(str(words[0]), words[1], str(words[2]), sign, run.budget)


TESTS |= ALL_TESTS
FILTERS |= {
    **TEXT_FILTERS,
    **ITEM_FILTERS,
    **LIST_FILTERS,
    "abs": _abs,
    "d": _default,
    "default": _default,
    "filesizeformat": _filesizeformat,
    "float": _float,
    "int": _int,
    "now": _now,
    "round": _round,
    "tojson": _tojson,
}
# Jinja's ``pprint``, ``urlize`` and ``xmlattr`` are left out: they are for web pages and for debugging Python.
