"""Which handler wins, and what is said about those before it."""

from __future__ import annotations

import inspect
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition
from permabots.engine.matching import ALL_TIMEOUTS, MAX_REJECTED, Match, Matcher

ENOUGH = 30.0
SHORT = 0.02


def handler(name: str, pattern: str, *states: str, enabled: bool = True, response: str = "ok") -> HandlerDefinition:
    return HandlerDefinition(
        f"id of {name}", name, pattern, ResponseDefinition(response), source_states=frozenset(states), enabled=enabled
    )


def find(handlers: list[HandlerDefinition], text: str, state: str | None = None, timeout: float = ENOUGH) -> Match:
    return Matcher(handlers, timeout=timeout).find(text, state)


def winner(match: Match) -> str | None:
    return match.handler and match.handler.name


def reasons(match: Match) -> list[tuple[str, str]]:
    return [(rejection.name, rejection.reason) for rejection in match.rejected]


def test_the_first_handler_whose_pattern_is_found_wins() -> None:
    handlers = [handler("a", "^/help$"), handler("b", r"\d"), handler("c", "[0-9]"), handler("d", ".*")]
    match = find(handlers, "order 66")
    assert match.handler is handlers[1]
    assert match.rejected_total == 1


def test_named_groups_are_given_and_none_for_those_that_took_no_part() -> None:
    match = find([handler("a", r"^/sum (?P<left>\d+)(?:\+(?P<right>\d+))?(?P<rest>x*)")], "/sum 1")
    assert match.groups == {"left": "1", "right": None, "rest": ""}


def test_without_a_fitting_handler_there_is_no_winner_and_all_are_rejected() -> None:
    match = find([handler("a", "x"), handler("b", "y")], "z")
    assert match == Match(None, {}, match.rejected, 2)
    assert reasons(match) == [("a", "pattern"), ("b", "pattern")]


def test_a_bot_without_handlers_answers_nothing() -> None:
    assert find([], "hello") == Match(None, {}, (), 0)


@pytest.mark.parametrize(
    ("state", "expected"), [(None, "any"), ("cart", "cart"), ("paid", "both"), ("unknown", "any"), ("", "any")]
)
def test_a_handler_with_source_states_fits_only_a_chat_in_one_of_them(state: str | None, expected: str) -> None:
    handlers = [handler("cart", "yes", "cart"), handler("both", "yes", "cart", "paid"), handler("any", "yes")]
    assert winner(find(handlers, "yes", state)) == expected


def test_handlers_of_the_state_and_of_any_state_are_tried_in_one_order() -> None:
    handlers = [
        handler("1", "(?=x)y", "s"),
        handler("2", "(?!x)x"),
        handler("3", "(?=x)z", "s"),
        handler("4", "x"),
        handler("5", "x", "s"),
    ]
    match = find(handlers, "x", "s")
    assert (winner(match), match.rejected_total) == ("4", 3)


def test_a_state_without_candidates_leaves_those_of_any_state() -> None:
    assert winner(find([handler("a", "a", "s"), handler("b", "b")], "b", "s")) == "b"
    assert winner(find([handler("a", "a", "s"), handler("b", "b")], "a", "s")) == "a"


def test_each_handler_before_the_winner_is_named_with_its_reason() -> None:
    handlers = [
        handler("off", "hello", enabled=False),
        handler("off and broken", "(", "s", enabled=False),
        handler("elsewhere", "hello", "s"),
        handler("elsewhere and broken", "(", "s"),
        handler("broken", "(hello"),
        handler("other", "goodbye"),
        handler("nearly", "hello(?!.*world)"),
        handler("here", "hello"),
        handler("after", "hello"),
    ]
    match = find(handlers, "hello world")
    assert winner(match) == "here"
    assert match.rejected[0].handler_id == "id of off"
    assert reasons(match) == [
        ("off", "disabled"),
        ("off and broken", "disabled"),
        ("elsewhere", "state"),
        ("elsewhere and broken", "state"),
        ("broken", "broken"),
        ("other", "pattern"),
        ("nearly", "pattern"),
    ]
    assert match.rejected_total == 7


def test_in_its_state_a_handler_is_not_rejected_for_the_state() -> None:
    match = find([handler("a", "x", "s"), handler("b", "(", "s")], "y", "s")
    assert reasons(match) == [("a", "pattern"), ("b", "broken")]


def test_no_more_rejections_are_told_than_the_limit_but_all_are_counted() -> None:
    handlers = [handler(str(index), f"word{index}$") for index in range(100)]
    match = find(handlers, "word90")
    assert [rejection.name for rejection in match.rejected] == [str(index) for index in range(MAX_REJECTED)]
    assert match.rejected_total == 90
    assert len(find(handlers, "none").rejected) == MAX_REJECTED


@pytest.mark.parametrize(
    "pattern",
    [
        "^(?P<all>a|aa)+(?![a!])",
        "^(?:a|aa)+?(?![a!])",
        "^(?=(?:a|aa)+(?![a!]))",
        "(?>(?:a|aa)+(?![a!]))",
        "^(?:(?:a|aa)+(?![a!]))++",
        "(?i)^(?:A|aA)+(?![a!])",
        "^(?:(a)|a(?(1)a|a))+(?![a!])",
        "^(?P<some>a+?)+(?P=some)b(?<!b)|^(?:a|aa)+b?(?![a!])",
        "^(?:a{1,30}){1,30}(?![a!])",
        "(.*)(.*)(.*)(.*)(.*)(?<!a)(?<!!)$",
        r"(?:\w+\s*)+(?<![\w\s!])",
    ],
)
def test_a_pattern_that_would_run_for_ages_is_passed_over_as_too_slow(pattern: str) -> None:
    match = find([handler("slow", pattern), handler("next", "a")], "a" * 200 + "!", timeout=SHORT)
    assert winner(match) == "next"
    assert reasons(match) == [("slow", "timeout")]


def test_a_pattern_that_turns_out_broken_only_when_it_is_searched_stops_no_other() -> None:
    usual = sys.getrecursionlimit()
    matcher = Matcher([handler("deep", "(" * 60 + "a" + ")" * 60), handler("next", "a")], timeout=ENOUGH)
    assert matcher.find("b", None).handler is None
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        match = matcher.find("a", None)
    finally:
        sys.setrecursionlimit(usual)
    assert (winner(match), reasons(match)) == ("next", [("deep", "broken")])
    assert winner(matcher.find("a", None)) == "deep"


def test_many_slow_patterns_together_are_stopped_too() -> None:
    handlers = [handler(str(index), f"^(a|aa)+(?:{index})?(?![a!])") for index in range(ALL_TIMEOUTS * 4)]
    match = find([*handlers, handler("last", "a")], "a" * 200 + "!", timeout=SHORT)
    assert match.handler is None
    assert {reason for _, reason in reasons(match)} == {"timeout"}


def test_a_slow_pattern_is_harmless_on_a_short_text() -> None:
    assert winner(find([handler("slow", "^(a+)+$"), handler("next", "a")], "aaaa")) == "slow"
    assert winner(find([handler("slow", "^(a+)+$"), handler("next", "a")], "aaaa!")) == "next"


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "a\udfff", "\n", "😀", "é" * 5000])
def test_any_text_can_be_searched(text: str) -> None:
    assert winner(find([handler("never", "(?!)"), handler("all", "(?s)^.*$")], text)) == "all"


def test_a_text_is_matched_as_it_is() -> None:
    handlers = [handler("lower", "^caf\u00e9$"), handler("upper", "^CAF\u00c9$"), handler("decomposed", "^cafe\u0301$")]
    assert winner(find(handlers, "CAF\u00c9")) == "upper"
    assert winner(find(handlers, "cafe\u0301")) == "decomposed"
    assert find(handlers, "Caf\u00e9").handler is None


def test_threads_share_a_matcher() -> None:
    handlers = [handler(str(index), rf"^(?P<n>word{index}) \w+(?=!)", *("s",) * (index % 2)) for index in range(60)]
    matcher = Matcher(handlers, timeout=ENOUGH)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda index: matcher.find(f"word{index % 60} x!", "s"), range(600)))
    assert [match.groups for match in found] == [{"n": f"word{index % 60}"} for index in range(600)]
