"""How many calls to users' APIs may be in flight in a worker."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery.signals import celeryd_after_setup

from permabots.exceptions import Busy
from permabots.pipeline.user_api import bulkhead


@pytest.fixture
def room() -> Iterator[None]:
    """This process is a worker that does four things at a time."""
    bulkhead.init(4)
    yield
    bulkhead.close()


def taken(bot_id: UUID, owner: Any = None, *, limit: int = 0, failing: bool = False) -> int:
    """Return how many seats a bot gets beside those that are taken. Without an owner it has one of its own."""
    with ExitStack() as stack:
        for number in range(100):
            try:
                stack.enter_context(bulkhead.slot(bot_id, owner or bot_id, limit, failing=failing))
            except Busy:
                return number
    return 100


@pytest.mark.parametrize(("slots", "limit", "free"), [(1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 0, 2), (8, 0, 4), (8, 3, 3)])
def test_a_bot_has_half_of_the_slots_or_as_many_as_are_set(slots: int, limit: int, free: int) -> None:
    bulkhead.init(slots)
    try:
        assert taken(uuid4(), limit=limit) == free
    finally:
        bulkhead.close()


def test_outside_of_a_worker_there_are_enough() -> None:
    assert taken(uuid4()) == 100


def test_a_bot_that_has_all_its_seats_takes_none_of_anothers(room: None) -> None:
    one, other = uuid4(), uuid4()
    with bulkhead.slot(one, one, 0, failing=False), bulkhead.slot(one, one, 0, failing=False):
        assert (taken(one), taken(other)) == (0, 1), "and one is left to turns without a call"
    assert taken(one) == 2


@pytest.mark.parametrize("limit", [0, 1])
def test_several_bots_of_one_owner_have_no_more_seats_than_one(room: None, limit: int) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(bulkhead.slot(uuid4(), 7, limit, failing=False))
        assert (taken(uuid4(), 7, limit=limit), taken(uuid4(), 8)) == (0, 1)
    assert taken(uuid4(), 7) == 2


def test_a_limit_above_half_holds_for_the_bots_of_an_owner_together_too(room: None) -> None:
    one = uuid4()
    with bulkhead.slot(one, 7, 3, failing=False):
        assert (taken(one, 7, limit=3), taken(uuid4(), 7, limit=3)) == (2, 2)


@pytest.mark.parametrize(("slots", "calls"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (20, 15)])
def test_however_many_owners_call_some_slots_are_left_to_turns_without_a_call(slots: int, calls: int) -> None:
    bulkhead.init(slots)
    try:
        with ExitStack() as stack:
            for owner in range(calls):
                stack.enter_context(bulkhead.slot(uuid4(), owner, 0, failing=False))
            assert taken(uuid4(), "one more") == 0
    finally:
        bulkhead.close()


def test_turns_of_several_bots_of_one_owner_are_begun_again_one_after_another(
    room: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0))
    assert bulkhead._bulkhead is not None
    bulkhead._bulkhead._estimates[7] = bulkhead.LatencyEstimate(usual=bulkhead.LONGEST)
    waits = []
    with bulkhead.slot(uuid4(), 7, 0, failing=False), bulkhead.slot(uuid4(), 7, 0, failing=False):
        for _ in range(3):
            with pytest.raises(Busy) as busy, bulkhead.slot(uuid4(), 7, 0, failing=False):
                pass
            waits.append(busy.value.seconds)
    assert waits == pytest.approx([1.0, 1.25, 1.5])


def test_calls_to_ailing_apis_share_one_half_over_all_bots(room: None) -> None:
    one, other = uuid4(), uuid4()
    with bulkhead.slot(one, one, 0, failing=True), bulkhead.slot(one, one, 0, failing=True):
        assert taken(other, failing=True) == 0
        assert taken(other) == 1
    assert taken(other, failing=True) == 2


def test_a_seat_is_given_back_whatever_happens(room: None) -> None:
    one = uuid4()
    with pytest.raises(ZeroDivisionError), bulkhead.slot(one, one, 0, failing=True):
        raise ZeroDivisionError
    assert taken(one, failing=True) == 2


def test_threads_never_have_more_than_there_are(room: None) -> None:
    one, lock, inside, most = uuid4(), threading.Lock(), [0], [0]

    def work() -> None:
        for _ in range(50):
            with suppress(Busy), bulkhead.slot(one, one, 3, failing=False):
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], taken(one, limit=3)) == (3, 3)


PARENT = """
import os, signal, time
from uuid import uuid4
from permabots.exceptions import Busy
from permabots.pipeline.user_api import bulkhead

def is_free():
    try:
        with bulkhead.slot(one, one, 1, failing=False):
            return True
    except Busy:
        return False

one, ready = uuid4(), os.pipe()
bulkhead.init(4)
child = os.fork()
if not child:
    with bulkhead.slot(one, one, 1, failing=False):
        os.write(ready[1], b".")
        time.sleep(60)
os.read(ready[0], 1)
print(is_free())
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print(is_free())
"""


def test_the_seats_of_forked_children_count_and_are_free_when_they_are_killed() -> None:
    """In a process of its own: this one has threads, and may not fork."""
    done = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split() == ["False", "True"]


def test_a_quick_call_is_waited_for(room: None, monkeypatch: Any) -> None:
    one = uuid4()
    with ExitStack() as stack:
        stack.enter_context(bulkhead.slot(one, one, 1, failing=False))
        monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0, sleep=lambda _: stack.close()))
        with bulkhead.slot(one, one, 1, failing=False):
            assert bulkhead._bulkhead is not None
            assert len(bulkhead._bulkhead._slots.taken) == 3  # of the bot, of its owner and of all


def test_a_slow_call_is_not_waited_for(room: None, monkeypatch: Any) -> None:
    one = uuid4()
    moments = iter([0.0, 0.0, 0.3])  # a look, the seat, and 0.3 s later it is given back
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    with bulkhead.slot(one, one, 1, failing=False):
        pass
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0))  # nobody may sleep
    with bulkhead.slot(one, one, 1, failing=False), pytest.raises(Busy), bulkhead.slot(one, one, 1, failing=False):
        raise AssertionError("there was a second seat")


@pytest.mark.parametrize(("slots", "spacing"), [(1, 0.25), (4, 0.25), (5, 0.2), (10, 0.1), (20, 0.1)])
def test_turns_without_a_seat_are_begun_again_one_after_another_as_often_as_one_becomes_free(
    slots: int, spacing: float, monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0))
    habit = bulkhead.LatencyEstimate(usual=bulkhead.LONGEST)
    waits = [1.0 + place * spacing for place in range(4)]
    assert [habit.busy(slots).seconds for _ in range(4)] == pytest.approx(waits)
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 60.0))
    assert habit.busy(slots).seconds == 1.0


def test_where_calls_need_a_seat_of_two_rows_the_shorter_one_counts(monkeypatch: Any) -> None:
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0))
    bulkhead.init(10)
    try:
        one, waits = uuid4(), []
        assert bulkhead._bulkhead is not None
        bulkhead._bulkhead._estimates[one] = bulkhead.LatencyEstimate(usual=bulkhead.LONGEST)
        with ExitStack() as stack:
            for _ in range(5):
                stack.enter_context(bulkhead.slot(one, one, 10, failing=True))
            for _ in range(2):
                with pytest.raises(Busy) as busy, bulkhead.slot(one, one, 10, failing=True):
                    pass
                waits.append(busy.value.seconds)
        assert waits == pytest.approx([1.0, 1.2])
    finally:
        bulkhead.close()


def test_they_are_begun_again_sooner_where_calls_are_quicker(monkeypatch: Any) -> None:
    monkeypatch.setattr(bulkhead, "time", SimpleNamespace(monotonic=lambda: 50.0))
    habit = bulkhead.LatencyEstimate()
    for took in (0.2, 0.2, 30.0, 0.2, 0.2, 0.2, 0.2):
        habit.record_duration(took)
    assert 0.2 < habit.busy(20).seconds < 0.35


def test_a_process_remembers_a_thousand_owners(room: None) -> None:
    bots = [uuid4() for _ in range(bulkhead.KNOWN + 5)]
    for bot in bots:
        with bulkhead.slot(bot, bot, 0, failing=False):
            pass
    assert bulkhead._bulkhead is not None
    assert list(bulkhead._bulkhead._estimates) == bots[5:]


def test_a_worker_counts_its_slots_before_it_forks() -> None:
    class Worker:
        concurrency, max_concurrency = 2, None

    try:
        celeryd_after_setup.send(sender="worker", instance=Worker())
        assert taken(uuid4()) == 1
        Worker.max_concurrency = 6  # type: ignore[assignment]
        celeryd_after_setup.send(sender="worker", instance=Worker())
        assert taken(uuid4()) == 3
    finally:
        bulkhead.close()
