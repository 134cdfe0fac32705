"""Cutting texts to a limit."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base.markup import Run, parse, visible
from permabots.providers.base.splitting import Unit, _parts, cuts, length, shows, split_markup, split_text
from tests.providers.markup_texts import any_markup, check_balanced

UNITS = st.sampled_from(["utf16", "characters"])
LIMITS = st.integers(2, 30)
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


def test_length_is_counted_in_the_unit() -> None:
    assert length("a👍ü", "characters") == 3
    assert length("a👍ü", "utf16") == 4


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 5, []),
        ("   \n ", 5, []),
        ("   \n      ", 5, []),
        ("short", 5, ["short"]),
        (" kept ", 6, [" kept "]),
        ("two words", 8, ["two", "words"]),
        ("two words", 5, ["two", "words"]),
        ("two\nlines here", 9, ["two\nlines", "here"]),
        ("one two three", 8, ["one two", "three"]),
        ("wide      gap", 6, ["wide", "gap"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("        x", 4, ["x"]),
        (" abcdef", 3, [" ab", "cde", "f"]),
        ("ab cdefgh", 4, ["ab", "cdef", "gh"]),
    ],
)
def test_a_text_is_cut_at_the_last_blank_that_fits_else_anywhere(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit, "characters") == parts


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("👍👍👍", 4, ["👍👍", "👍"]),
        ("👍👍👍", 5, ["👍👍", "👍"]),
        ("a👍", 2, ["a", "👍"]),
        ("aaae\u0301b", 4, ["aaa", "e\u0301b"]),
        (f"aaa{FAMILY}b", 12, ["aaa", f"{FAMILY}b"]),
        ("aa🇩🇪🇫🇷", 6, ["aa🇩🇪", "🇫🇷"]),
        ("aa☺\ufe0f", 3, ["aa", "☺\ufe0f"]),
        ("aa👍🏽", 5, ["aa", "👍🏽"]),
        ("e" + "\u0301" * 5, 4, ["e\u0301\u0301\u0301", "\u0301\u0301"]),
    ],
)
def test_what_people_see_as_one_character_stays_whole_where_it_fits(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit, "utf16") == parts


@pytest.mark.parametrize(
    ("markup", "limit", "parts"),
    [
        ("<b>bold text</b> end", 6, ["<b>bold</b>", "<b>text</b>", "end"]),
        ("<b>a <i>b c</i></b>", 4, ["<b>a <i>b</i></b>", "<b><i>c</i></b>"]),
        ("&lt;&lt;&lt;&lt;&lt;", 2, ["&lt;&lt;", "&lt;&lt;", "&lt;"]),
        ('<a href="https://example.com">one two</a>', 4, [
            '<a href="https://example.com">one</a>', '<a href="https://example.com">two</a>'
        ]),
        ("<b> </b><i>\n</i>", 4, []),
        ("<b>open", 4, ["<b>open</b>"]),
    ],
)  # fmt: skip
def test_tags_are_closed_at_a_cut_and_opened_again(markup: str, limit: int, parts: list[str]) -> None:
    assert split_markup(markup, limit, "characters") == parts


@given(any_markup(), LIMITS, UNITS)
def test_each_part_is_sound_markup_within_the_limit_and_not_blank(markup: str, limit: int, unit: Unit) -> None:
    for part in split_markup(markup, limit, unit):
        check_balanced(part)
        seen = visible(parse(part))
        assert shows(seen)
        assert length(seen, unit) <= limit


@given(any_markup(), LIMITS, UNITS)
def test_nothing_but_blanks_is_lost_and_order_is_kept(markup: str, limit: int, unit: Unit) -> None:
    def seen(text: str) -> str:
        return "".join(filter(shows, visible(parse(text))))

    assert "".join(map(seen, split_markup(markup, limit, unit))) == seen(markup)


@given(any_markup(), LIMITS, UNITS)
def test_every_character_keeps_its_tags(markup: str, limit: int, unit: Unit) -> None:
    def marked(text: str) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (character, tuple(tag.start for tag in run.tags))
            for run in parse(text)
            for character in run.text
            if shows(character)
        ]

    assert [pair for part in split_markup(markup, limit, unit) for pair in marked(part)] == marked(markup)


@given(st.text(alphabet="ae\u0301👍🏽\u200d👨👧🇩🇪☺\ufe0f", max_size=60), st.integers(30, 40), UNITS)
def test_no_cut_falls_into_a_grapheme_that_would_fit(text: str, limit: int, unit: Unit) -> None:
    graphemes = [match.span() for match in regex.finditer(r"\X", text)]
    if all(length(text[start:end], unit) <= limit for start, end in graphemes):
        assert {end for _, end in cuts(text, limit, unit)} <= {end for _, end in graphemes}


def test_a_text_at_the_limit_is_not_cut() -> None:
    assert split_markup("<b>" + "👍" * 2048 + "</b>", 4096, "utf16") == ["<b>" + "👍" * 2048 + "</b>"]


def test_a_long_text_is_cut_into_as_few_parts_as_it_needs() -> None:
    assert [len(part) for part in split_markup("x" * 100_000, 4096, "utf16")] == [4096] * 24 + [1696]


class Counted(list[Run]):
    """Runs that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)


def test_a_text_of_many_tags_is_walked_through_once_however_many_parts_it_has() -> None:
    """Found by `make fuzz`: each part looked at all runs, so that tags and parts together took seconds."""
    runs = Counted(parse("<b>x</b> " * 1000))
    assert len(list(_parts(runs, cuts(visible(runs), 13, "utf16")))) > 100
    assert runs.looks < 4 * len(runs)
