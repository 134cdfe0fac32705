"""The characters that one element of a regular expression matches, found by asking Python's `re` itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

LAST = 0x10FFFF

ASCII = (1 << 128) - 1
DIGIT, SPACE, LETTER, OTHER = (1 << bit for bit in range(128, 132))
NON_ASCII = DIGIT | SPACE | LETTER | OTHER
END = 1 << 132
ANYTHING = ASCII | NON_ASCII | END

Range: TypeAlias = tuple[int, int]
Item: TypeAlias = Range | str
"""A range of code points, both ends included, or one of the letters ``d D s S w W``."""

EVERY_WIDE: tuple[Range, ...] = ((128, LAST),)
ALL: tuple[Item, ...] = ((0, LAST),)

_ASCII_TEXT = "".join(map(chr, range(128)))
_ASCII_RELATIVES = {"i": "\u0130\u0131", "k": "\u212a", "s": "\u017f"}  # dotted and dotless i, Kelvin sign, long s
_CASED_BELOW = 0x20000  # no letter at or above it has another case; `re` assumes the same
_FEW_CODES = 256
_FEW_RANGES = 16


@dataclass(frozen=True, slots=True)
class Chars:
    """An element that matches exactly one character.

    Args:
        items: the characters that it names.
        negated: whether it matches all other characters instead.
        flags: the flags that change its meaning: ``""``, ``"a"``, ``"i"`` or ``"ai"``.
        mask: bit *n* for ASCII character *n*, exactly; of `NON_ASCII` a bit for each kind of which it may match any
            character.
        wide: ranges above ASCII that hold every character it matches there, and maybe more.
    """

    items: tuple[Item, ...]
    negated: bool
    flags: str
    mask: int
    wide: tuple[Range, ...]

    def compiled(self) -> re.Pattern[str]:
        """Return the element as a pattern of `re`."""
        return _compile(self.items, self.negated, self.flags)


@lru_cache(maxsize=8192)
def chars(items: tuple[Item, ...], negated: bool = False, flags: str = "") -> Chars:
    """Return the element that matches the named characters, or with ``negated`` all others.

    Args:
        items: as in `Chars`.
        negated: as in `Chars`.
        flags: as in `Chars`.
    """
    mask = sum(1 << ord(char) for char in _compile(items, negated, flags).findall(_ASCII_TEXT))
    named = [item for item in items if isinstance(item, str)]
    kinds = 0
    for letter in named:
        kinds |= _category_kinds(letter, flags)
    if negated:
        kinds = 0 if items == ALL else NON_ASCII & ~kinds
        return Chars(items, negated, flags, mask | kinds, EVERY_WIDE if kinds else ())
    wide = _wide_ranges([item for item in items if not isinstance(item, str)], flags)
    return Chars(items, negated, flags, mask | kinds | _kinds(wide), EVERY_WIDE if kinds else wide)


def escape(code: int) -> str:
    """Return a character as an escape that `re` and `regex` both read, inside of a class and outside."""
    return f"\\x{code:02x}" if code < 256 else f"\\U{code:08x}"


def span(bounds: Range) -> str:
    """Return a range as it is written in a character class."""
    low, high = bounds
    return escape(low) if low == high else f"{escape(low)}-{escape(high)}"


def ranges_of(codes: Iterable[int]) -> list[Range]:
    """Return ascending code points as ranges."""
    ranges: list[Range] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return ranges


def variants(char: str) -> frozenset[str]:
    """Return the character and every one that ``re.IGNORECASE`` may treat as equal to it; maybe some more."""
    if char.isascii():
        return frozenset({char, char.lower(), char.upper(), *_ASCII_RELATIVES.get(char.lower(), "")})
    return _case_families().get(char, frozenset({char}))


def _compile(items: tuple[Item, ...], negated: bool, flags: str) -> re.Pattern[str]:
    inside = "".join(f"\\{item}" if isinstance(item, str) else span(item) for item in items)
    # The flags stand before the whole pattern: for scoped flags, `re` searches for the start of a match without them.
    return re.compile(f"{flags and f'(?{flags})'}[{'^' if negated else ''}{inside}]")


def _category_kinds(letter: str, flags: str) -> int:
    taken = 0 if "a" in flags else {"d": DIGIT, "s": SPACE, "w": DIGIT | LETTER}[letter.lower()]
    return taken if letter.islower() else NON_ASCII & ~taken


def _wide_ranges(bounds: list[Range], flags: str) -> tuple[Range, ...]:
    if "i" in flags:
        if _count(bounds) > _FEW_CODES:
            return EVERY_WIDE
        bounds = ranges_of(sorted({ord(other) for code in _codes(bounds) for other in variants(chr(code))}))
    above = tuple(sorted({(max(low, 128), high) for low, high in bounds if high >= 128}))
    return above if len(above) <= _FEW_RANGES else EVERY_WIDE


def _kinds(bounds: tuple[Range, ...]) -> int:
    """Return the kinds of the characters above ASCII; all kinds when there are too many characters to check each."""
    if _count(bounds) > _FEW_CODES:
        return NON_ASCII
    kinds = 0
    for char in map(chr, _codes(bounds)):
        kinds |= DIGIT if char.isdecimal() else SPACE if char.isspace() else LETTER if char.isalnum() else OTHER
    return kinds


def _count(bounds: Iterable[Range]) -> int:
    return sum(high - low + 1 for low, high in bounds)


def _codes(bounds: Iterable[Range]) -> Iterator[int]:
    return (code for low, high in bounds for code in range(low, high + 1))


@lru_cache(maxsize=1)
def _case_families() -> dict[str, frozenset[str]]:
    """Group the characters that share a lower or an upper case, directly or through others.

    An upper case may be several characters ("SS"): it joins those that have it, as `re` does for some of them. A lower
    case is cut to its first character, as `re` does (only U+0130 has a longer one).
    """
    families: dict[str, set[str]] = {}
    for char in map(chr, range(_CASED_BELOW)):
        relatives = {char, char.lower()[:1], char.upper()}
        if len(relatives) > 1:
            family = relatives.union(*(families.get(relative, ()) for relative in relatives))
            families.update(dict.fromkeys(family, family))
    return {char: frozenset(filter(_is_single, family)) for char, family in families.items() if _is_single(char)}


def _is_single(text: str) -> bool:
    return len(text) == 1
