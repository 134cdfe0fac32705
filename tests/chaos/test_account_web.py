"""Web chats are accounted for more strictly: nothing may be there twice, and pages show what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.accounting.account import settle
from tests.chaos.accounting.evidence import Evidence
from tests.chaos.accounting.report import lines, summary
from tests.chaos.accounting.script import write_script
from tests.chaos.test_account import KILL, broken, doubled, good


def web(evidence: Evidence) -> Evidence:
    """Add the same as said in a web chat; returns that."""
    evidence.web = replace(good(), single=True)
    return evidence.web


def test_a_run_in_which_everybody_in_web_chats_was_answered_holds() -> None:
    evidence = good()
    web(evidence)
    account = settle(evidence)
    assert account.holds
    assert account.web is not None
    assert account.web.answered == 5


def test_no_kill_excuses_an_answer_that_is_there_twice() -> None:
    evidence = good()
    doubled(web(evidence)).troubles = [KILL]
    account = settle(evidence)
    assert account.web is not None
    assert (broken(account.web), account.holds) == ({"unexplained"}, False)
    text = "\n".join(lines(account, evidence))
    assert "A PROMISE WAS BROKEN" in text
    assert (
        summary(account, evidence)["web"] | {"doubles": 1, "unexplained_doubles": 1}
        == summary(account, evidence)["web"]
    )


def test_elsewhere_the_same_kill_does() -> None:
    evidence = doubled(good())
    evidence.troubles = [KILL]
    web(evidence)
    assert settle(evidence).holds


def test_a_page_that_shows_something_else_breaks_a_promise() -> None:
    evidence = good()
    web(evidence).misshown = ["chat 7: numbers [1, 3]"]
    account = settle(evidence)
    assert not account.holds
    assert "chat 7: numbers [1, 3]" in "\n".join(lines(account, evidence))


def test_an_answer_that_names_another_chat_is_wrong() -> None:
    evidence = good()
    its = web(evidence)
    its.copies[2] = replace(its.copies[2], text="2 stay in green for 8")
    account = settle(evidence)
    assert account.web is not None
    assert broken(account.web) == {"wrong"}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fifth_of_the_chats_is_web_chats_and_their_pages_send_in_order(seed: int) -> None:
    messages = write_script(2000, 100, seed).messages
    assert len({it.chat for it in messages if it.web}) == 20
    assert not any(it.swapped for it in messages if it.web)
    assert any(it.repeats for it in messages if it.web)
