"""Which characters an element takes: never fewer than `re` says, and of ASCII exactly those."""

from __future__ import annotations

import re
from functools import cache

import pytest

from permabots.engine.patterns.chars import (
    ALL,
    DIGIT,
    EVERY_WIDE,
    LAST,
    LETTER,
    OTHER,
    SPACE,
    Item,
    chars,
    escape,
    ranges_of,
    span,
    variants,
)

LETTERS: list[tuple[Item, ...]] = [(letter,) for letter in "dDsSwW"]
NAMED: list[tuple[Item, ...]] = [
    ALL,
    ((97, 97),),
    ((107, 107),),
    ((115, 115), (105, 105)),
    ((0xDF, 0xDF),),
    ((0x17F, 0x17F), (0x130, 0x131)),
    ((0x3C2, 0x3C2),),
    ((0x430, 0x44F),),
    ((0x100, 0x2FF),),
    ((0x212A, 0x212A),),
    ((0x10400, 0x10427),),
    ((0x660, 0x669), "s"),
    ((0x2000, 0x200A), "d"),
    ((65, 90), "w"),
    ("d", "S"),
    ("s", "S"),
    tuple((code, code) for code in range(200, 300, 3)),
]


@cache
def every_char() -> str:
    return "".join(map(chr, range(LAST + 1)))


@cache
def chars_of_kind(kind: int) -> str:
    above = every_char()[128:]
    found = {DIGIT: r"\d", SPACE: r"\s", LETTER: r"(?!\d)\w", OTHER: r"(?!\s)\W"}[kind]
    return "".join(re.findall(found, above))


@pytest.mark.parametrize("flags", ["", "i", "a", "ai"])
@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("items", LETTERS + NAMED, ids=str)
def test_mask_and_ranges_hold_whatever_re_takes(items: tuple[Item, ...], negated: bool, flags: str) -> None:
    element = chars(items, negated, flags)
    taken = element.compiled()
    assert element.mask & ((1 << 128) - 1) == sum(1 << code for code in range(128) if taken.fullmatch(chr(code)))
    for kind in (DIGIT, SPACE, LETTER, OTHER):
        assert element.mask & kind or not taken.search(chars_of_kind(kind))
    rest = every_char()[128:]
    for low, high in reversed(element.wide):
        rest = rest[: low - 128] + rest[high - 127 :]
    assert not taken.search(rest)


def test_every_letter_that_ignoring_case_takes_for_another_is_a_variant_of_it() -> None:
    cased = "".join(char for char in every_char() if (char.lower(), char.upper()) != (char, char))
    missing = {
        (char, other)
        for char in cased
        for other in re.findall(re.escape(char), cased, re.IGNORECASE)
        if other not in variants(char)
    }
    assert not missing


def test_a_character_without_case_is_its_only_variant() -> None:
    assert variants("漢") == {"漢"}
    assert variants("7") == {"7"}


def test_many_single_ranges_above_ascii_become_all_of_it() -> None:
    assert chars(NAMED[-1]).wide == EVERY_WIDE


def test_nothing_is_taken_by_the_opposite_of_everything() -> None:
    nothing = chars(ALL, negated=True)
    assert (nothing.mask, nothing.wide) == (0, ())


def test_neighbouring_code_points_are_one_range() -> None:
    assert ranges_of([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]


@pytest.mark.parametrize("code", [0, 10, 45, 92, 93, 94, 255, 256, 0x1F600, 0xD800])
def test_an_escape_is_that_character_in_a_class_and_out_of_it(code: int) -> None:
    assert re.fullmatch(escape(code), chr(code))
    assert re.fullmatch(f"[{escape(code)}]", chr(code))
    assert re.fullmatch(f"[{span((code, code + 1))}]", chr(code + 1))
