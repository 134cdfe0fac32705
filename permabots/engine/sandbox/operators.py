"""The arithmetic of templates, refused where one operation could take seconds or gigabytes."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from permabots.engine.sandbox.budget import SIZED, running
from permabots.engine.sandbox.escaping import Written
from permabots.exceptions import RenderLimitExceeded

MAX_BITS = 16_384
"""The largest whole number to calculate with: it still can be printed."""

MAX_WIDTH = 1_000
"""The largest width or precision in a format."""

_PLAIN: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "/": operator.truediv,
    "//": operator.floordiv,
}
_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<form>[#0\- +]*+(?P<width>\d*)(?:\.(?P<precision>\d*))?[a-zA-Z%])"
)


def calculate(symbol: str, left: Any, right: Any, kind: type[Written]) -> Any:
    """Return the result of a binary operator.

    Args:
        symbol: ``+ - * / // % **``.
        left: the first operand.
        right: the second one.
        kind: how values are escaped in this template.

    Raises:
        RenderLimitExceeded: the result would be too large.
    """
    if symbol == "%" and isinstance(left, str):
        return percent(left, right, kind)
    _check_bits(_bits(left), _bits(right))
    if symbol == "*":
        result = _multiplied(left, right)
    elif symbol == "**":
        _check_bits(_bits(left) * right if isinstance(right, int) else 0)
        result = left**right
    else:
        result = left % right if symbol == "%" else _PLAIN[symbol](left, right)
    return running.get().admit(result)


def percent(template: str, values: Any, kind: type[Written]) -> str:
    """Return the text of a ``%`` format, each value escaped where the format is as written.

    Raises:
        TypeError: there are more or fewer values than the format has places, or of the wrong type.
        ValueError: the format is malformed.
        RenderLimitExceeded: it asks for a huge width, or gets too long.
    """
    arguments = iter(values if isinstance(values, tuple) else (values,))
    text = kind.joined(_filled(template, values, arguments))
    if not isinstance(values, Mapping) and next(arguments, None) is not None:
        raise TypeError("not all arguments converted during string formatting")
    return text


def check_width(*widths: str | None) -> None:
    """Refuse a width or precision of a format.

    Raises:
        RenderLimitExceeded: one is larger than anybody needs.
    """
    for width in widths:
        if width and (len(width) > len(str(MAX_WIDTH)) or int(width) > MAX_WIDTH):
            raise RenderLimitExceeded(f"a format is wider than {MAX_WIDTH:,} characters")


def _filled(template: str, values: Any, arguments: Iterator[Any]) -> Iterator[object]:
    """Give the pieces of a format: its own text as it is, and the values put into its form."""
    end = 0
    for directive in _DIRECTIVE.finditer(template):
        yield _own_text(template[end : directive.start()])
        end = directive.end()
        yield template[directive.start() : end] % () if directive[0] == "%%" else _put(directive, values, arguments)
    yield _own_text(template[end:])


def _own_text(text: str) -> str:
    if "%" in text:
        raise ValueError("unsupported format: " + text[text.index("%") :][:10])
    return text


def _put(directive: re.Match[str], values: Any, arguments: Iterator[Any]) -> object:
    check_width(directive["width"], directive["precision"])
    if directive["key"] is not None:
        value = values[directive["key"]]
    else:
        value = next(arguments, arguments)
        if value is arguments:
            raise TypeError("not enough arguments for format string")
    return value if directive["form"] == "s" else ("%" + directive["form"]) % (value,)


def _multiplied(left: Any, right: Any) -> Any:
    budget = running.get()
    for things, times in ((left, right), (right, left)):
        if isinstance(things, SIZED) and isinstance(times, int):
            budget.foresee(budget.size(things) * times)
    return left * right


def _bits(value: object) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def _check_bits(*bits: int) -> None:
    if any(count > MAX_BITS for count in bits):
        raise RenderLimitExceeded("the template calculates with a number of thousands of digits")
