"""A few threads do what is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from permabots import threads
from permabots.threads import Threads

PATIENCE = 20.0


@pytest.fixture
def two() -> Iterator[Threads]:
    made = Threads(2)
    yield made
    made.end(PATIENCE)


class Gate:
    """Work that goes on when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Semaphore(0), threading.Event()

    def __call__(self) -> None:
        self.begun.release()
        assert self.let.wait(PATIENCE)


def test_work_is_done(two: Threads) -> None:
    done = threading.Event()
    two.add("a", lambda: done.set())
    assert done.wait(PATIENCE)


def test_work_is_done_again_when_it_says_so(two: Threads) -> None:
    waits, done = [0.01, 0.0, None], threading.Event()

    def work() -> float | None:
        wait = waits.pop(0)
        if not waits:
            done.set()
        return wait

    two.add("a", work)
    assert done.wait(PATIENCE)


def test_what_is_due_earlier_replaces_what_is_due_later(two: Threads) -> None:
    done = threading.Event()
    two.add("a", lambda: None, 3600)
    two.add("a", lambda: done.set())
    two.add("a", lambda: None, 3600)
    assert done.wait(PATIENCE)


def test_one_that_hangs_keeps_no_other_from_its_thread(two: Threads) -> None:
    hangs, done = Gate(), threading.Event()
    two.add("hangs", hangs)
    assert hangs.begun.acquire(timeout=PATIENCE)
    two.add("other", lambda: done.set())
    assert done.wait(PATIENCE)
    hangs.let.set()


def test_what_becomes_due_while_others_hang_is_done(two: Threads) -> None:
    hangs, done = Gate(), threading.Event()
    two.add("later", lambda: done.set(), 0.05)
    two.add("hangs", hangs)
    assert done.wait(PATIENCE)
    hangs.let.set()


def test_there_are_no_more_threads_than_may_be(two: Threads) -> None:
    before = threading.active_count()
    gates = [Gate() for _ in range(5)]
    for number, gate in enumerate(gates):
        two.add(number, gate)
    assert gates[0].begun.acquire(timeout=PATIENCE)
    assert gates[1].begun.acquire(timeout=PATIENCE)
    assert threading.active_count() - before == 2
    for gate in gates:
        gate.let.set()
    assert gates[4].begun.acquire(timeout=PATIENCE)


def test_the_same_is_never_done_twice_at_once(two: Threads) -> None:
    gate = Gate()
    two.add("a", gate)
    assert gate.begun.acquire(timeout=PATIENCE)
    two.add("a", gate)
    assert not gate.begun.acquire(timeout=0.1)
    gate.let.set()
    assert gate.begun.acquire(timeout=PATIENCE)


def test_it_is_tried_again_where_the_database_fails(two: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "AGAIN", 0.01)
    errors, done = [OperationalError("database is locked")], threading.Event()

    def work() -> None:
        if errors:
            raise errors.pop()
        done.set()

    two.add("a", work)
    assert done.wait(PATIENCE)


def test_a_thread_outlives_what_nobody_foresaw(two: Threads, caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    two.add("a", lambda: [][0])
    two.add("b", lambda: done.set(), 0.01)
    assert done.wait(PATIENCE)
    assert two.end(PATIENCE)
    assert "a failed" in caplog.text


def test_at_the_end_what_was_begun_is_waited_for_and_nothing_else_is_begun(two: Threads) -> None:
    gate, later = Gate(), threading.Event()
    two.add("a", gate)
    assert gate.begun.acquire(timeout=PATIENCE)
    assert not two.end(0.01)
    two.add("b", lambda: later.set())
    gate.let.set()
    assert two.end(PATIENCE)
    assert not later.is_set()
