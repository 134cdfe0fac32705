r"""Which patterns `re` may run without a time limit, and on how long a text."""

from __future__ import annotations

import pytest

from permabots.engine.patterns import MAX_MESSAGE_CHARS
from permabots.engine.patterns.cost import LENGTHS, MAX_STEPS, safe_length, steps
from permabots.engine.patterns.tree import parse

ANY_LENGTH = LENGTHS[-1]


def safe(pattern: str) -> int:
    return safe_length(parse(pattern).root)


@pytest.mark.parametrize(
    "pattern",
    [
        "^/start$",
        "hello|hi|good (?:morning|evening)",
        r"(?i)\b(?:yes|no)\b",
        ".*",
        "^.*$",
        "^(a+)+",
        r"(\w+\s*)*",
        r"^(?P<first>\w+) (?P<second>\w+)$",
        r"^/order (?P<id>\d+)(?: (?P<rest>.*))?$",
        r"^\s*(\d+)\s*([+*/-])\s*(\d+)\s*$",
        r"^(?:\w+ )+x",
        r"^(?:foo|far|bar)+x",
        r"^(?:(?!x).)*$",
        r"^(?>\w+)x",
        r"^\w++x",
        r"^(?:ab)++x",
        r"^(?=.*\d)(?=.*[a-z]).{4,8}$",
        r"^(\w+) \1$",
        r"^(a)?(?(1)b+|c+)d",
        "^(?:a{0}b)*c",
        "(?:^a|^b)c",
        "(?!)",
        r"^\d+\Z",
        r"^(?:x\b)*y",
    ],
)
def test_a_pattern_with_one_way_to_go_on_is_safe_on_any_text(pattern: str) -> None:
    assert safe(pattern) == ANY_LENGTH


@pytest.mark.parametrize("pattern", [r"\d+x", r"\d+\s+x", r"(?P<a>\w+) (?P<b>\w+) (?P<c>.+)", "x{2000}y", r"^(?>.*)x"])
def test_a_search_that_may_begin_anywhere_is_safe_on_a_message(pattern: str) -> None:
    assert safe(pattern) >= MAX_MESSAGE_CHARS


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\w+ )+x",
        r"^(.*) is (.*)$",
        r"[^,]+,[^,]+,[^,]+$",
        r"^(?:a|b|ab)?c*c*d",
        r"\w+(?=x)y",
        r"(?:(?!.*x).)*y",
        r"(?:a|ab|abc){3}.*x.*y",
        r"(.+)\1x",
    ],
)
def test_a_power_of_the_length_is_safe_on_shorter_texts_only(pattern: str) -> None:
    assert 0 < safe(pattern) < ANY_LENGTH


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "^(a|aa)+$",
        r"^(?:\w+\s?)+$",
        r"(?:\w*)*x",
        r"(?:a?)*b",
        r"^(?:a|b|ab)*c",
        r"(?:(?:a+)+)+b",
        r"(?=(a+)+b)c",
        r"(?>(?:a|aa)+b)",
        r"^(?:(?:a|aa)+b)++",
        r"^(?:a|" + "|".join(f"a{index}" for index in range(40)) + ")*$",
        r"(x+x+)+y",
        r"(?:(?:ab)+(?:ab)+){2}c",
        r"^(?:.|\s)*?z",
        r"(?:(a)|a(?(1)b|c)?)*d",
        r"^(\d+-?)*$",
        r"(?:a{1,30}){1,30}b",
        "(?:a?){60}a{60}",
    ],
)
def test_a_repeat_of_what_has_several_ways_is_never_safe_on_a_message(pattern: str) -> None:
    assert safe(pattern) < 64


def test_the_steps_of_a_safe_length_are_within_the_limit_and_those_of_the_next_are_not() -> None:
    root = parse(r"(?:\w+ )+x").root
    longest = safe_length(root)
    assert steps(root, longest) <= MAX_STEPS < steps(root, 2 * longest)


def test_kinds_of_characters_above_ascii_are_told_apart() -> None:
    assert safe("^(?:é+ü)+x") < 64  # both are letters
    assert safe("^(?:é+\u2000)+x") == ANY_LENGTH
    assert safe("^(?:é+😀)+x") == ANY_LENGTH
    assert safe("^(?:é+٣)+x") == ANY_LENGTH
