"""One pattern: what its author is told, and how it is searched."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from time import perf_counter

import pytest

from permabots.engine.patterns import Pattern, PatternReport, TimeBudget, check_pattern, pattern_of
from permabots.exceptions import PatternError, PatternTimeout

ENOUGH = 30.0
TOO_SLOW = "^(?P<all>a|aa)+$"
LONG = "a" * 5_000 + "!"


def search(pattern: str, text: str, seconds: float = ENOUGH) -> dict[str, str | None] | None:
    return Pattern(pattern).search(text, TimeBudget(seconds, seconds))


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("^/start$", "/start", {}),
        ("^/start$", "/start now", None),
        ("(?P<a>x)|(?P<b>y)", "zy", {"a": None, "b": "y"}),
        ("(x)(?P<n>y*)", "x", {"n": ""}),
    ],
)
def test_a_match_gives_the_named_groups(pattern: str, text: str, groups: dict[str, str | None] | None) -> None:
    assert search(pattern, text) == groups


def test_a_text_too_long_for_re_is_searched_under_the_time_limit_with_the_same_groups() -> None:
    pattern = r"(?P<who>\w+)(?: \w+)+ (?P<what>[xy])(?P<none>z)?$"
    text = "é " * 2_050 + "x"
    assert Pattern(pattern).safe_length < len(text)
    assert search(pattern, text) == {"who": "é", "what": "x", "none": None}
    assert search(pattern, text + "!") is None


def test_a_search_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(PatternTimeout):
        search(TOO_SLOW, LONG, seconds=0.02)


@pytest.mark.parametrize("text", ["b", LONG])
def test_a_search_without_time_left_does_not_begin(text: str) -> None:
    with pytest.raises(PatternTimeout):
        search("a", text, seconds=0.0)


def test_patterns_share_the_time_there_is_for_all() -> None:
    budget = TimeBudget(each=1.0, all_together=1.5)
    assert budget.grant() == 1.0
    budget.charge(perf_counter() - 1.0)
    assert 0.0 < budget.grant() <= 0.5
    budget.charge(perf_counter() - 0.5)
    with pytest.raises(PatternTimeout):
        budget.grant()


def test_no_pattern_is_charged_more_than_one_may_have() -> None:
    budget = TimeBudget(each=1.0, all_together=1.5)
    budget.charge(perf_counter() - 60.0)
    assert budget.grant() == 0.5


def test_where_re_itself_fails_the_groups_are_found_all_the_same() -> None:
    pattern = "(?:(?:(?:(?P<x>c)){1,2}?|.|[^a]))++"
    with pytest.raises(SystemError):
        re.search(pattern, "bbcbba")
    assert search(pattern, "bbcbba") == {"x": "c"}


def test_a_pattern_too_deep_for_what_is_left_of_the_stack_is_an_error_and_works_later() -> None:
    pattern, usual = Pattern("(" * 60 + "a" + ")" * 60), sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        with pytest.raises(PatternError, match="nested too deeply"):
            pattern.search("a", TimeBudget(ENOUGH, ENOUGH))
    finally:
        sys.setrecursionlimit(usual)
    assert pattern.search("a", TimeBudget(ENOUGH, ENOUGH)) == {}


def test_the_same_text_is_prepared_once_in_a_process() -> None:
    assert pattern_of("only here [a-z]") is pattern_of("only here [a-z]")


def test_an_author_is_told_that_no_message_can_make_a_pattern_slow() -> None:
    assert check_pattern(r"^/order (?P<id>\d+)$") == PatternReport(
        "linear", (), every_message=False, explanation="No message can make it slow."
    )


def test_an_author_is_told_what_the_choice_leaves_out() -> None:
    report = check_pattern(r"(a)(?=b)(?<!c)\1(?(1)b)(?>c)d++e*x")
    assert report.approximated == (
        "lookahead",
        "lookbehind",
        "backreference",
        "condition",
        "atomic group",
        "possessive repeat",
    )
    assert "tried on more messages than it matches" in report.explanation


def test_an_author_is_told_of_a_time_limit_and_why() -> None:
    report = check_pattern(r"^(\w+\s?)+$")
    assert (report.kind, report.every_message) == ("time-limited", False)
    assert "time limit" in report.explanation
    assert "a repeat inside a repeat" in report.explanation


def test_an_author_is_told_that_a_pattern_is_tried_on_every_message() -> None:
    report = check_pattern("(?!stop)")
    assert (report.kind, report.every_message) == ("linear", True)
    assert "tried on every message" in report.explanation


def test_an_author_is_told_what_is_wrong_and_where() -> None:
    with pytest.raises(PatternError, match="unterminated character set at position 3"):
        check_pattern("abc[")


@pytest.mark.parametrize(
    "pattern",
    [
        "[[a]",
        "[a--b]",
        "[a&&b]",
        "[a~~b]",
        "[a||b]",
        "[^[a]",
        "(a)?(?(1_0)b)|x",
        "(a)?(?(\N{ARABIC-INDIC DIGIT ONE})b)",
        r"[\w--a]",
    ],
)
def test_a_pattern_that_a_later_python_may_read_differently_warns_nobody(pattern: str) -> None:
    """A warning would be printed to the server's standard error, once for each pattern an author thinks of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            check_pattern(pattern)
            search(pattern, "a[b")
            search(pattern, "a[b" * 5_000)
        except PatternError as error:
            assert "warn" not in str(error).lower()


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:" * 12 + r"(?=.*\w{1,40}x)" + "){2,9}" * 12 + "y",
        "(?:" * 20 + "[a-z]{1,60}" + "){1,60}" * 20,
        "(?:" * 6 + r"\b\w+" + "){4,9}" * 6,
        "(?:" * 11 + "(?>a|b)" + "){3,}+" * 11,
    ],
)
def test_a_pattern_that_takes_long_to_prepare_is_refused_when_it_is_saved(pattern: str) -> None:
    """`regex` writes the repeats inside each other out: a pattern of 160 characters took minutes, in every worker."""
    assert len(pattern) <= 255
    with pytest.raises(PatternError, match=r"takes too long to prepare|add up to more than"):
        check_pattern(pattern)
    with pytest.raises(PatternError):
        search(pattern, "x" * 70_000)


@pytest.mark.parametrize(
    "pattern", [r"^(?:\w+\s?){1,40}$", r"(?:(?:\d{1,3}[.,]){1,9}\s*){1,20}$", "(a{1,99}b?){1,99}c"]
)
def test_repeats_inside_each_other_as_people_write_them_are_taken(pattern: str) -> None:
    assert check_pattern(pattern).kind == "time-limited"
