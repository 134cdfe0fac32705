"""Taking and looking in one statement, and a turn's commit in another: their rules hold, and each of them is needed."""

from __future__ import annotations

import pytest

from tests.protocol.explore import explore
from tests.protocol.one_statement import RULES, OneStatement

OLD_STATE = "a turn has read a state that is older than the last turn's"
UNANSWERED = "the end is never reached"
BREAKS: dict[str, tuple[dict[str, int], str]] = {
    "same_version": ({}, OLD_STATE),
    "ask_again": ({"others": 1}, UNANSWERED),
    "work_after_wake_up": ({}, UNANSWERED),
    "look_after_release": ({}, UNANSWERED),
    "fenced": ({"pauses": 1}, OLD_STATE),
    "once_only": ({"cancels": 1}, "a message that is not pending is answered"),
}
"""By rule: what else has to happen, and what breaks then."""


def test_with_all_rules_each_message_is_answered_once_over_the_state_that_its_turn_has_read() -> None:
    result = explore(OneStatement(others=1, pauses=1, cancels=1))
    assert result.broken == ""
    assert result.states > 1000


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_a_promise_breaks(rule: str) -> None:
    surroundings, broken = BREAKS[rule]
    assert explore(OneStatement(rule, **surroundings)).broken == broken
