"""Pieces of patterns in RE2's syntax, and the piece for a single character."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from permabots.engine.patterns.chars import ASCII, EVERY_WIDE, Chars, Range, ranges_of

NEWLINE = 1 << 10
_NOTHING = r"[^\x{0}-\x{10FFFF}]"


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a pattern for RE2.

    Args:
        text: the part in RE2's syntax.
        size: the number of its elements, with all repeats written out.
        selectivity: how few texts match it: 7 for one literal character, 6 for one in either case, 3 for a digit, 0 for
            any character, and the sum of these for several elements.
    """

    text: str = ""
    size: int = 0
    selectivity: int = 0

    def __add__(self, other: Piece) -> Piece:
        return Piece(self.text + other.text, self.size + other.size, self.selectivity + other.selectivity)


def char_piece(node: Chars) -> Piece:
    """Return the piece for an element that matches one character."""
    return _piece(node.mask & ASCII, node.wide)


@lru_cache(maxsize=8192)
def _piece(low: int, wide: tuple[Range, ...]) -> Piece:
    choices = low.bit_count() + len(wide)
    return Piece(_text(low, wide), 1 + 4 * len(wide), 7 - min(7, (choices - 1).bit_length()))


def _text(low: int, wide: tuple[Range, ...]) -> str:
    if wide == EVERY_WIDE and low | NEWLINE == ASCII:
        return "(?s:.)" if low & NEWLINE else "."
    spans = [*ranges_of(code for code in range(128) if low >> code & 1), *wide]
    if not spans:
        return _NOTHING
    if len(spans) == 1 and spans[0][0] == spans[0][1]:
        return _char(spans[0][0])
    return "[" + "".join(_char(first) + (f"-{_char(last)}" if first < last else "") for first, last in spans) + "]"


def _char(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else f"\\x{{{code:x}}}"
