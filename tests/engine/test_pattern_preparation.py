"""What it costs to prepare a pattern: known before it is done, bounded when it is saved, never much for one message."""

from __future__ import annotations

from typing import Any

import pytest
import regex

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition
from permabots.engine.matching import Matcher
from permabots.engine.patterns import check_pattern
from permabots.engine.patterns.nodes import preparation
from permabots.engine.patterns.pattern import MAX_PREPARATION, Pattern, TimeBudget
from permabots.engine.patterns.tree import parse
from permabots.exceptions import PatternError

SLOW = r"(\w+\s?)+"
HOSTILE = {
    "words in a bounded repeat": SLOW + r"(?:\w\s){15000}",
    "either case": SLOW + r"(?i:[^\W\d_]{9000})",
    "boundaries": SLOW + r"\b" * 60,
    "boundaries in a repeat": SLOW + r"(?:\b\w\b){5000}",
    "words in lookaheads": SLOW + r"(?=\w{9000})" * 8,
    "many sets of words": SLOW + r"\w" * 120,
    "repeats in repeats": SLOW + r"(?:(?:\d{50}){50}){6}",
    "wide ranges in either case": "(?i)" + "".join(f"[\\u0{400 + n}-\\ud000]" for n in range(9)),
}
COMMON = [
    r"(\w+\s?)+$",
    r"(?i)\b(hi|hello|hey)\b.*\b(there|you)\b.*(\w+\s?)+",
    r"([\w.+-]+)+@([\w-]+\.)+\w{2,}",
    r"(?:\d{1,3}\.?)+ (?:a{1,50}){1,50}$",
    "((a{1,50}){1,50}){1,50}",
    "(?:" + "|".join(f"word{n}" for n in range(30)) + ")+$",
    "(?i)([\u0080-\uffff]+)+$",
]


def work(pattern: str) -> int:
    return preparation(parse(pattern).root)


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
def test_a_pattern_that_takes_long_to_prepare_is_refused_when_it_is_saved(pattern: str) -> None:
    assert len(pattern) <= 255  # longer ones are refused anyway
    with pytest.raises(PatternError, match=r"takes too long to prepare|in either case|add up to more"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", COMMON)
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    assert check_pattern(pattern).kind == "time-limited"


@pytest.mark.parametrize(("pattern", "copies"), [(r"(\w+)+", 1), (r"(\w{500})+", 500), (r"((\w{5}){100})+", 500)])
def test_repeats_count_as_they_are_written_out(pattern: str, copies: int) -> None:
    assert work(pattern) - work(r"(\w+)+") >= 20 * (copies - 1)


def test_what_is_linear_needs_no_such_work() -> None:
    assert check_pattern(r"^\b\w+\b " * 30).kind == "linear"


class Compiling:
    """Counts the work of the patterns that `regex` compiles."""

    def __init__(self) -> None:
        self.patterns = 0

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.patterns += 1
        return _compile(*arguments, **options)


_compile = regex.compile


def handlers(*patterns: str) -> list[HandlerDefinition]:
    response = ResponseDefinition("Hi")
    return [HandlerDefinition(str(n), f"h{n}", pattern, response) for n, pattern in enumerate(patterns)]


def test_one_message_prepares_a_bounded_part_of_a_bot_and_later_ones_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the patterns matches, and RE2 proposes each of them: it does not see the lookahead."""
    patterns = [f"<{number}>(?!\\n|$)(?:\\b\\w+\\b ?)*" for number in range(30)]
    assert sum(map(work, patterns)) > 3 * MAX_PREPARATION
    compiling = Compiling()
    monkeypatch.setattr(regex, "compile", compiling)
    matcher, text = Matcher(handlers(*patterns), timeout=1), "\n".join([*(f"<{n}>" for n in range(30)), "-" * 5000])
    rounds = []
    for _ in range(30):
        before = compiling.patterns
        matcher.find(text, None)
        rounds.append(compiling.patterns - before)
    assert max(rounds) * min(map(work, patterns)) <= MAX_PREPARATION
    assert compiling.patterns == 30
    assert rounds[-1] == 0


def test_a_row_that_was_written_past_the_checks_costs_a_message_nothing() -> None:
    pattern = Pattern(HOSTILE["words in a bounded repeat"])
    with pytest.raises(PatternError, match="takes too long to prepare"):
        pattern.search("x" * 5000, TimeBudget(1, 4))
