r"""The pattern for `regex`: the same characters, places and groups as `re`, nothing of its own syntax."""

from __future__ import annotations

import re
from functools import cache

import pytest

from permabots.engine.patterns.chars import LAST
from permabots.engine.patterns.regex_translation import _category, compile_exactly, prepare
from permabots.engine.patterns.tree import parse, quietly


@cache
def every_char() -> str:
    return "".join(map(chr, range(LAST + 1)))


def found(pattern: str, text: str) -> object:
    match = compile_exactly(parse(pattern).root).search(text)
    return match and (match.span(), match.groups())


def expected(pattern: str, text: str) -> object:
    match = quietly(re.compile, pattern).search(text)
    return match and (match.span(), match.groups())


@pytest.mark.parametrize(
    "element",
    [
        *(r"\d", r"\D", r"\s", r"\S", r"\w", r"\W", ".", "a", "ж", r"\ud800"),
        *(r"(?a)\d", r"(?a)\S", r"(?a)\w", "(?s).", "[^a]", "(?i)k", "(?i)[^s]", "(?i)ß", r"(?i)[\w-]", r"(?i)[^\w-]"),
        *(
            r"[\s\S]",
            r"[^\s\S]",
            r"[\D\d]",
            r"[^\W\d_]",
            r"[\x00-\U0010ffff]",
            r"[^\x00-\x7f]",
            r"[\x00-\x7f]",
            r"[\s\d\s]",
        ),
        *(
            r"(?i)[a-z]",
            r"(?i)[à-ÿ]",
            r"(?i)[\u0100-\u02ff]",
            r"(?i)[\u0400-\u07e8]",
            r"(?i)[\u0400-\uffff]",
            r"(?i)[\U00010400-\U00010427]",
            r"(?ai)[k\d]",
            r"[\]\[^&&~~||-]",
        ),
    ],
)
def test_an_element_takes_the_same_characters(element: str) -> None:
    runs = quietly(re.compile, f"{element}+").finditer(every_char())
    again = compile_exactly(parse(f"{element}+").root).finditer(every_char())
    assert [match.span() for match in again] == [match.span() for match in runs]


def test_a_worker_that_has_prepared_does_not_ask_again_what_words_and_digits_are() -> None:
    prepare()
    asked = _category.cache_info().misses
    compile_exactly(parse(r"\b\w+ \d").root)
    assert _category.cache_info().misses == asked


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(?:foo){e<=1}", "fo"),
        ("(?:foo){e<=1}", "foo{e<=1}"),
        ("a{e}", "a{e}"),
        ("[[:alpha:]]", "b]"),
        ("[[:alpha:]]", ":]"),
        ("[a||b]", "|"),
        ("(?x) a b # c", "ab"),
        ("a{,3}", "aaaa"),
        ("a{1,}b{2}c{1,2}?d*+", "aabbccdd"),
        (r"\Aa\Z|b$", "b\n"),
        (r"(?m)^b$", "a\nb\nc"),
        (r"a$", "a\n\n"),
        (r"a\Z", "a\n"),
        (r"\bनि", "नि"),
        (r"न\b", "नि"),
        (r"न\B", "नि"),
        (r"\B", ""),
        (r"\b", ""),
        (r"\B.", "ab"),
        (r"(?a)\bé|é\b", "aé"),
        (r"(?a)é\B", "éa é"),
        (r"(a)\0601", "a01"),
        (r"(a)(?:\1)1", "aa1"),
        (r"(?i)(s)\1", "sS"),
        (r"(a)|b(?(1)c|d)", "bd"),
        (r"(a)?b(?(1)c)", "abc"),
        (r"(?=(a))ab(?!c)", "abc abd"),
        (r"(?<=(a|b))c(?<!bc)", "bcac"),
        (r"(?>a|ab)c|abd", "abd"),
        (r"(?:(a)|b)*", "ab"),
        (r"(a*)*", "aa"),
        (r"(a|b)*?c", "abc"),
        (r"(?:a++|b)+?c", "aabc"),
        (r"(?:[ab]+){2,}+", "ab"),
        (r"(?:a|ab){2}+c", "abac"),
        ("\ud800+", "a\ud800\ud800"),
        ("\x00[^\x00]", "\x00a"),
    ],
)
def test_a_pattern_finds_the_same_place_and_groups(pattern: str, text: str) -> None:
    assert found(pattern, text) == expected(pattern, text)


def test_groups_in_a_possessive_repeat_are_those_of_the_last_round() -> None:
    assert found("(?:(a)|b)*+", "ab") == ((0, 2), ("a",))


def test_a_negated_ascii_class_at_the_beginning_takes_letters_above_ascii() -> None:
    assert found(r"(?a:\W)x", "éx") == ((0, 2), ())
