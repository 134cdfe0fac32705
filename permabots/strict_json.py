"""JSON as the standard has it. What Python's parser takes beyond it, databases refuse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from permabots.values import Json


class NumberTooLarge(ValueError):
    """A number is so large that it becomes infinite."""


def loads(text: str | bytes, pairs: Callable[[list[tuple[str, Json]]], Any] | None = None) -> Json:
    """Return the value of a text.

    Args:
        text: the text.
        pairs: makes an object of its names and values; None for a dict, in which the last of equal names counts.

    Raises:
        NumberTooLarge: a number becomes infinite.
        ValueError: it is not JSON (``NaN`` and ``Infinity`` are not), or a number has more digits than Python reads.
        RecursionError: it is nested deeper than Python's parser goes.
    """
    value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=pairs)
    return value


def deeper_than(value: Json, depth: int) -> bool:
    """Whether a value is nested deeper; without recursion, which is what a deep one breaks."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return bool(level)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {constant!r}")  # in the words of DRF


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NumberTooLarge("a number is too large")
    return number
