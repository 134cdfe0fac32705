"""A server that does not answer is left alone for a while, and then tried by one caller at a time."""

from __future__ import annotations

import pytest

from permabots import cooldown
from permabots.cooldown import Pause


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cooldown, "time", clock)
    return clock


def test_everybody_may_ask_a_server_that_has_not_failed(clock: Clock) -> None:
    pause = Pause(1.0)
    assert [pause.allows_call(), pause.allows_call()] == [True, True]


def test_nobody_asks_for_a_while_after_a_failure(clock: Clock) -> None:
    pause = Pause(1.0)
    pause.failed()
    clock.now += 0.9
    assert not pause.allows_call()


def test_then_one_caller_tries_and_others_wait_for_what_it_finds(clock: Clock) -> None:
    pause = Pause(1.0)
    pause.failed()
    clock.now += 1.0
    assert [pause.allows_call(), pause.allows_call()] == [True, False]


def test_an_answer_lets_everybody_ask_again(clock: Clock) -> None:
    pause = Pause(1.0)
    pause.failed()
    pause.answered()
    assert [pause.allows_call(), pause.allows_call()] == [True, True]
