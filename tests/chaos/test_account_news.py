"""What a hook told is accounted for as answers are, and what is begun without end shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.accounting.account import settle
from tests.chaos.accounting.evidence import Copy, Evidence, Said, Send, Turn
from tests.chaos.accounting.report import lines, summary
from tests.chaos.test_account import CHAT, KILL, PID, broken, doubled, good


@pytest.mark.parametrize(("status", "endless"), [("pending", True), ("started", True), ("sent", False)])
def test_a_send_that_is_begun_without_end_is_seen(status: str, endless: bool) -> None:
    evidence = good()
    evidence.most_sends = 3
    evidence.sends[CHAT, 1] = replace(evidence.sends[CHAT, 1], status=status, attempts=4)
    assert broken(settle(evidence)) == ({"endless"} if endless else set())


def test_a_turn_that_is_begun_without_end_is_seen() -> None:
    evidence = good()
    evidence.most_turns = 3
    evidence.turns[CHAT, 4] = replace(evidence.turns[CHAT, 4], status="pending", attempts=4)
    assert "endless" in broken(settle(evidence))


def news(evidence: Evidence) -> Evidence:
    """Add two posts to a hook, both told."""
    keys = [(CHAT, number) for number in range(2)]
    evidence.news = Evidence(
        said=[Said(key, "news", float(key[1])) for key in keys],
        copies=[Copy(key, f"news {key[1]}", key[1] + 0.5, pid=PID) for key in keys],
        turns={key: Turn(key, "done", 1) for key in keys},
        sends={key: Send(key, "sent", 1, f"news {key[1]}") for key in keys},
    )
    return evidence.news


def test_a_run_in_which_everybody_was_told_holds() -> None:
    evidence = good()
    news(evidence)
    account = settle(evidence)
    assert account.holds
    assert account.news is not None
    assert account.news.answered == 2


def test_a_post_that_somebody_was_not_told_breaks_a_promise() -> None:
    evidence = good()
    told = news(evidence)
    del told.copies[1]
    account = settle(evidence)
    assert account.news is not None
    assert (broken(account), broken(account.news), account.holds) == (set(), {"lost"}, False)
    assert "lost: (7, 1)" in "\n".join(lines(account, evidence))


def test_a_parked_post_is_counted_apart() -> None:
    evidence = good()
    told = news(evidence)
    del told.copies[1], told.sends[CHAT, 1]
    told.turns[CHAT, 1] = replace(told.turns[CHAT, 1], status="parked", attempts=4)
    assert settle(evidence).holds


@pytest.mark.parametrize("killed", [True, False])
def test_a_post_told_twice_needs_a_cause_as_an_answer_does(killed: bool) -> None:
    evidence = good()
    told = doubled(news(evidence))
    told.troubles = [KILL] if killed else []
    told.calls = {PID: [0.5, 1.5]}
    account = settle(evidence)
    assert account.news is not None
    assert (broken(account.news), account.holds) == (set() if killed else {"unexplained"}, killed)
    assert ("A PROMISE" in "\n".join(lines(account, evidence))) != killed


def test_the_report_has_the_numbers_of_what_a_hook_told() -> None:
    evidence = good()
    news(evidence)
    numbers = summary(settle(evidence), evidence)["news"]
    assert isinstance(numbers, dict)
    assert (numbers["said"], numbers["answered"], numbers["lost"]) == (2, 2, 0)
