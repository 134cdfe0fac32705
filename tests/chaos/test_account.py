"""Each promise that is broken shows in the account, and what is allowed does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.accounting.account import Account, settle
from tests.chaos.accounting.evidence import Copy, Evidence, Said, Send, Trouble, Turn
from tests.chaos.accounting.report import lines, summary
from tests.chaos.accounting.script import CLOCK_AHEAD, CLOCK_BACK

CHAT, PID, OTHER = 7, 100, 200
SAID = ("0 go in nowhere", "1 go in red", "2 stay in green", "3 ask in green: ok", "4 ask in red: failed")
TEXTS = tuple(f"{words} for {CHAT}" for words in SAID)
WORDS = ("go", "go", "stay", "ask", "ask")


def good() -> Evidence:
    """Five messages of one chat, a second apart, answered half a second later each."""
    keys = [(CHAT, number) for number in range(len(TEXTS))]
    return Evidence(
        said=[Said(key, word, float(key[1])) for key, word in zip(keys, WORDS, strict=True)],
        copies=[Copy(key, text, key[1] + 0.5, pid=PID) for key, text in zip(keys, TEXTS, strict=True)],
        turns={key: Turn(key, "done", 1, 10 * key[1]) for key in keys},
        sends={key: Send(key, "sent", 1, text) for key, text in zip(keys, TEXTS, strict=True)},
        states={CHAT: "red"},
    )


def doubled(evidence: Evidence, number: int = 1, attempts: int = 2, **second: object) -> Evidence:
    """The answer to one message comes a second time, five seconds after the first."""
    key = (CHAT, number)
    first = next(copy for copy in evidence.copies if copy.key == key)
    evidence.copies.append(replace(first, **{"at": first.at + 5, "pid": OTHER, **second}))  # type: ignore[arg-type]
    evidence.sends[key] = replace(evidence.sends[key], attempts=attempts)
    return evidence


def broken(account: Account) -> set[str]:
    names = ("lost", "disordered", "wrong", "strayed", "invented", "endless", "unexplained", "impatient")
    return {name for name in names if getattr(account, name)}


def test_a_run_in_which_all_went_well_holds() -> None:
    account = settle(good())
    assert account.holds
    assert (account.said, account.answered, account.doubles) == (5, 5, [])
    assert account.percentile(0.5) == pytest.approx(0.5)


def test_a_message_without_an_answer_is_lost() -> None:
    evidence = good()
    del evidence.copies[4]
    assert settle(evidence).lost == [(CHAT, 4)]


def test_a_message_that_was_never_stored_is_lost() -> None:
    evidence = good()
    del evidence.copies[4], evidence.turns[CHAT, 4], evidence.sends[CHAT, 4]
    assert broken(settle(evidence)) == {"lost"}


def test_a_parked_message_is_counted_apart_and_the_model_leaves_it_out() -> None:
    evidence = good()
    del evidence.copies[2], evidence.sends[CHAT, 2]
    evidence.turns[CHAT, 2] = Turn((CHAT, 2), "parked", 3)
    account = settle(evidence)
    assert account.holds
    assert account.parked == [(CHAT, 2)]


def test_a_parked_answer_is_counted_apart_and_its_turn_has_happened() -> None:
    evidence = good()
    del evidence.copies[1]
    evidence.sends[CHAT, 1] = replace(evidence.sends[CHAT, 1], status="parked")
    account = settle(evidence)
    assert account.holds
    assert account.parked == [(CHAT, 1)]


def test_answers_in_another_order_are_out_of_order() -> None:
    evidence = good()
    evidence.copies[2], evidence.copies[3] = evidence.copies[3], evidence.copies[2]
    assert settle(evidence).disordered == [(CHAT, 2)]


def swap(evidence: Evidence, *, late: bool) -> Evidence:
    """The provider delivers message 2, which changes nothing, after message 3."""
    evidence.copies[2], evidence.copies[3] = evidence.copies[3], evidence.copies[2]
    evidence.said[2] = replace(evidence.said[2], swapped=True)
    evidence.turns[CHAT, 2] = Turn((CHAT, 2), "done", 1, 35, late)
    evidence.copies[3] = replace(evidence.copies[3], text="2 stay in red for 7")
    return evidence


def test_a_message_that_came_late_may_be_answered_late() -> None:
    account = settle(swap(good(), late=True))
    assert account.holds
    assert account.late == [(CHAT, 2)]


def test_a_message_that_was_there_in_time_may_not() -> None:
    assert broken(settle(swap(good(), late=False))) == {"disordered"}


def test_an_answer_from_another_state_is_wrong() -> None:
    evidence = good()
    evidence.copies[2] = replace(evidence.copies[2], text="2 stay in blue for 7")
    assert broken(settle(evidence)) == {"wrong"}


def test_a_final_state_that_is_not_the_models_is_seen() -> None:
    evidence = good()
    evidence.states[CHAT] = "blue"
    assert settle(evidence).strayed == [CHAT]


def test_a_state_that_was_never_kept_is_seen() -> None:
    evidence = good()
    evidence.states.clear()
    assert settle(evidence).strayed == [CHAT]


def test_an_answer_to_nothing_is_seen() -> None:
    evidence = good()
    evidence.copies.append(Copy((CHAT, 9), "9 stay in red for 7", 9.0))
    assert broken(settle(evidence)) == {"invented"}


def test_a_call_before_retry_after_was_over_is_seen() -> None:
    evidence = good()
    evidence.impatient = [1.0]
    assert broken(settle(evidence)) == {"impatient"}


@pytest.mark.parametrize(("moment", "hurried"), [(0.5, True), (2.5, False), (-20.0, False)])
def test_a_wait_that_the_clock_cut_short_is_counted_apart(moment: float, hurried: bool) -> None:
    evidence = good()
    evidence.impatient = [2.0]
    evidence.troubles = [Trouble(CLOCK_AHEAD, moment, moment + 2)]
    account = settle(evidence)
    assert (account.hurried, account.holds) == (int(hurried), hurried)


KILL = Trouble("child killed", 1.6, 1.6, frozenset({PID}))
PAUSE = Trouble("child paused", 1.6, 9.0, frozenset({PID}))
CRASH = Trouble("PostgreSQL crashed", 1.4, 3.0)


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (KILL, "child killed"),
        (replace(KILL, pids=frozenset({1, PID})), "child killed"),
        (replace(KILL, began=1.4, ended=1.4), "child killed"),  # the call was on its way
        (PAUSE, "child paused"),
        (replace(PAUSE, pids=frozenset({OTHER})), "child paused"),  # what it held back came late
        (CRASH, "PostgreSQL crashed"),
        (Trouble(CLOCK_AHEAD, 1.4, 3.4), "clock set ahead"),
        (Trouble(CLOCK_AHEAD, -2.0, 0.0), "clock set ahead"),  # its holder was at work and did not know
        (Trouble(CLOCK_AHEAD, -20.0, -18.0), ""),
        (Trouble(CLOCK_BACK, 1.4, 3.4), ""),
        (replace(KILL, pids=frozenset({OTHER})), ""),
        (replace(KILL, began=-20.0, ended=-20.0), ""),  # long before
        (replace(KILL, began=6.6, ended=6.6), ""),  # after the second copy
        (replace(CRASH, kind="Redis restarted"), ""),
        (replace(CRASH, began=0.2, ended=1.2), ""),
        (replace(CRASH, began=7.0, ended=8.0), ""),
    ],
)
def test_a_double_needs_a_cause_in_the_named_window(trouble: Trouble, cause: str) -> None:
    evidence = doubled(good())
    evidence.troubles = [trouble]
    evidence.calls = {PID: [0.5, 1.5]}  # the sender's last call is the one for message 1
    account = settle(evidence)
    assert [double.cause for double in account.doubles] == [cause]
    assert account.holds == bool(cause)


def test_a_process_that_went_on_had_written_down_what_it_sent() -> None:
    evidence = doubled(good())
    evidence.troubles = [replace(KILL, began=2.6, ended=2.6)]
    evidence.calls = {PID: [0.5, 1.5, 2.5]}
    assert broken(settle(evidence)) == {"unexplained"}


@pytest.mark.parametrize(("moment", "cause"), [(1.2, "child killed"), (3.0, "")])
def test_a_sender_that_was_not_found_was_dead_already(moment: float, cause: str) -> None:
    evidence = good()
    evidence.copies[1] = replace(evidence.copies[1], pid=0)
    evidence.troubles = [replace(KILL, began=moment, ended=moment)]
    assert [double.cause for double in settle(doubled(evidence)).doubles] == [cause]


def test_a_double_after_a_lost_answer_has_its_cause() -> None:
    evidence = good()
    evidence.copies[1] = replace(evidence.copies[1], told=False)
    account = settle(doubled(evidence, told=True))
    assert [double.cause for double in account.doubles] == ["answer lost"]


def test_a_double_whose_row_was_claimed_once_has_no_excuse() -> None:
    evidence = doubled(good(), attempts=1)
    evidence.troubles = [KILL]
    assert broken(settle(evidence)) == {"unexplained"}


def test_a_double_without_a_row_has_no_excuse() -> None:
    evidence = doubled(good())
    del evidence.sends[CHAT, 1]
    evidence.troubles = [KILL]
    assert [double.attempts for double in settle(evidence).unexplained] == [0]


def test_the_report_says_in_numbers_what_was_broken() -> None:
    evidence = doubled(good())
    del evidence.copies[4]
    numbers = summary(settle(evidence), evidence)
    assert (numbers["said"], numbers["answered"], numbers["lost"]) == (5, 4, 1)
    assert (numbers["doubles_by_cause"], numbers["unexplained_doubles"]) == ({"none": 1}, 1)
    assert numbers["holds"] is False


def test_the_report_shows_what_is_known_of_a_lost_message() -> None:
    evidence = good()
    del evidence.copies[4], evidence.turns[CHAT, 4]
    text = "\n".join(lines(settle(evidence), evidence))
    assert "lost: (7, 4) not stored" in text
    assert text.endswith("A PROMISE WAS BROKEN.")


def test_the_report_of_a_good_run_names_the_faults() -> None:
    evidence = good()
    evidence.troubles = [replace(KILL, point="before the provider accepts")]
    text = "\n".join(lines(settle(evidence), evidence))
    assert "child killed" in text
    assert "before the provider accepts" in text
    assert text.endswith("Every promise was kept.")


def test_the_report_names_the_processes_of_a_double() -> None:
    evidence = doubled(good())
    evidence.troubles = [replace(KILL, began=2.6, ended=2.6, point="somewhere")]
    evidence.calls = {PID: [0.5, 1.5, 2.5, 60.0]}
    text = "\n".join(lines(settle(evidence), evidence))
    assert "by 100 and 5.00 s later by 200, 2 attempts" in text
    assert "+1.10 to +1.10 s: child killed somewhere" in text
    assert "its calls: -1.00 s, +0.00 s, +1.00 s\n" in text
