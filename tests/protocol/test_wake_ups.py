"""Coalesced wake-ups leave no message behind in any interleaving, and each rule of them is needed."""

from __future__ import annotations

import pytest

from tests.protocol.explore import explore
from tests.protocol.wake_ups import BUCKET, RULES, Faults, WakeUps

UNANSWERED = "the end is never reached"


def test_without_faults_every_message_is_answered_and_no_sweep_is_needed() -> None:
    result = explore(WakeUps())
    assert result.broken == ""
    assert result.states > 1000


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_a_message_is_left_behind(rule: str) -> None:
    assert explore(WakeUps(rule)).broken == UNANSWERED


def test_killed_processes_and_a_lost_wake_up_leave_nothing_behind_that_a_sweep_does_not_find() -> None:
    result = explore(WakeUps(faults=Faults(crash=1, web_crash=1, lost=1, rollback=1), sweep=True, count=2))
    assert result.broken == ""
    assert result.states > 1000


@pytest.mark.parametrize("fault", ["crash", "web_crash", "lost"])
def test_without_a_sweep_each_fault_leaves_a_message_behind(fault: str) -> None:
    assert explore(WakeUps(faults=Faults(**{fault: 1}), count=2)).broken == UNANSWERED


def test_a_message_of_the_next_bucket_makes_up_for_all_lost_wake_ups_of_the_last_one() -> None:
    assert explore(WakeUps(faults=Faults(lost_early=True))).broken == ""


def test_without_buckets_messages_behind_a_lost_wake_up_never_publish_again() -> None:
    result = explore(WakeUps(BUCKET, Faults(lost_early=True)))
    assert result.broken == UNANSWERED
