"""The circuit breaker: when an API is left alone, for how long, and who asks again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from permabots.engine.http.responses import ApiResponse
from permabots.models import ApiHealth
from permabots.pipeline.user_api.circuit_breaker import Breaker, origin_of
from permabots.pipeline.user_api.guarded_client import open_breakers
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

SILENT = ApiResponse(0, error="no answer within 10 s", no_response=True)
ORIGIN = "https://api.example.com:443"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/x?y=1", ORIGIN),
        ("HTTPS://user:pass@API.example.com:443/", ORIGIN),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
        ("http://127.0.0.1/x", "http://127.0.0.1:80"),
        ("ftp://host/", ""),
        ("nonsense", ""),
        ("http://host:port/", ""),
        ("http://[half", ""),
        ("https://" + "a" * 400 + "/", "https://" + "a" * 292),
    ],
)
def test_an_api_is_known_by_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("answer", "away"),
    [
        (SILENT, True),
        (ApiResponse(502), True),
        (ApiResponse(503), True),
        (ApiResponse(504), True),
        (ApiResponse(200), False),
        (ApiResponse(404), False),
        (ApiResponse(429), False),
        (ApiResponse(500), False),
        (ApiResponse(0, error="the answer is larger than 1000 bytes"), False),
        (ApiResponse(0, error="10.0.0.1 is a private address"), False),
    ],
)
def test_what_counts_as_no_answer(answer: ApiResponse, away: bool) -> None:
    assert answer.unavailable is away


def over() -> None:
    """Have the time of every open breaker pass."""
    ApiHealth.objects.update(open_until=Now() - timedelta(seconds=1))


def left() -> float:
    row = ApiHealth.objects.get()
    assert row.open_until is not None
    return (row.open_until - timezone.now()).total_seconds()


@pytest.fixture
def api() -> Callable[[], Breaker]:
    """The breaker of one bot's API, as the next turn sees it."""
    pk = make_bot().pk
    return lambda: Breaker.read(pk, ORIGIN)


def fail(api: Callable[[], Breaker], times: int = 5) -> None:
    for _ in range(times):
        api().record_result(SILENT)


def test_it_opens_after_five_failures_in_a_row(api: Callable[[], Breaker], caplog: Any) -> None:
    fail(api, 4)
    assert not api().is_open
    assert open_breakers() == []
    fail(api, 1)
    assert api().is_open
    assert left() == pytest.approx(30, abs=5)
    (found,) = open_breakers()
    assert (found.bot_id, found.origin, found.failures) == (api().bot_id, ORIGIN, 5)
    assert [record.message for record in caplog.records] == [
        f"an API of bot {api().bot_id} did not answer 5 times in a row: it is left alone for 30.0 s"
    ]


def test_an_answer_in_between_begins_anew_and_leaves_no_row(api: Callable[[], Breaker]) -> None:
    fail(api, 4)
    api().record_result(ApiResponse(404))
    assert not ApiHealth.objects.exists()
    fail(api, 4)
    assert not api().is_open


def test_an_answer_of_an_api_that_is_well_writes_nothing(
    api: Callable[[], Breaker], django_assert_num_queries: Any
) -> None:
    breaker = api()
    with django_assert_num_queries(0):
        assert not breaker.is_open
        assert breaker.try_acquire_probe()
        breaker.record_result(ApiResponse(200))


def test_what_was_on_its_way_when_it_opened_does_not_count(api: Callable[[], Breaker]) -> None:
    fail(api, 4)
    late = [api() for _ in range(3)]
    fail(api, 1)
    for breaker in late:
        breaker.record_result(SILENT)
    assert ApiHealth.objects.get().failures == 5


def test_when_its_time_has_passed_one_of_several_asks(api: Callable[[], Breaker]) -> None:
    fail(api)
    over()
    breakers, asked = [api() for _ in range(4)], []
    start = threading.Barrier(4)

    def ask(breaker: Breaker) -> None:
        start.wait()
        asked.append(breaker.try_acquire_probe())
        connection.close()

    threads = [threading.Thread(target=ask, args=(breaker,)) for breaker in breakers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == [False, False, False, True]
    assert api().is_open, "the others wait for what comes of it"


def test_concurrent_failures_are_all_counted_and_open_it_once(api: Callable[[], Breaker], caplog: Any) -> None:
    breakers = [api() for _ in range(6)]
    start = threading.Barrier(6)

    def fail(breaker: Breaker) -> None:
        start.wait()
        breaker.record_result(SILENT)
        connection.close()

    threads = [threading.Thread(target=fail, args=(breaker,)) for breaker in breakers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ApiHealth.objects.get().failures in {5, 6}, "the last may come after it opened"
    assert len(caplog.records) == 1


def test_an_answer_to_that_one_closes_it(api: Callable[[], Breaker]) -> None:
    fail(api)
    over()
    asking = api()
    assert asking.try_acquire_probe()
    asking.record_result(ApiResponse(200))
    assert open_breakers() == []
    assert not api().is_open


def test_no_answer_to_that_one_keeps_it_open_twice_as_long_up_to_five_minutes(api: Callable[[], Breaker]) -> None:
    fail(api)
    waits = []
    for _ in range(6):
        over()
        asking = api()
        assert asking.try_acquire_probe()
        asking.record_result(SILENT)
        waits.append(left())
    assert waits == [pytest.approx(wait, abs=5) for wait in (60, 120, 240, 300, 300, 300)]


def test_one_that_asked_and_was_late_counts_once(api: Callable[[], Breaker]) -> None:
    fail(api)
    over()
    dead = api()
    assert dead.try_acquire_probe()
    over()
    asking = api()
    assert asking.try_acquire_probe()
    asking.record_result(SILENT)
    dead.record_result(SILENT)
    assert ApiHealth.objects.get().failures == 6
    assert left() == pytest.approx(60, abs=5)


def test_the_refusal_says_why_and_when(api: Callable[[], Breaker]) -> None:
    refused = Breaker(api().bot_id, ORIGIN, failures=7, left=99.2).refusal()
    assert (refused.status, refused.unavailable) == (0, False)
    assert refused.error == "the API did not answer 7 times in a row, it is asked again in 100 s"
    being_asked = Breaker(api().bot_id, ORIGIN, failures=7, left=-3.0).refusal()
    assert being_asked.error.endswith("it is asked again in 15 s")


def test_zero_failures_are_never(api: Callable[[], Breaker], settings: Any) -> None:
    settings.PERMABOTS = {"BREAKER_FAILURES": 0}
    fail(api, 10)
    assert not ApiHealth.objects.exists()


def test_addresses_that_nobody_asks_any_more_are_forgotten(api: Callable[[], Breaker]) -> None:
    fail(api, 1)
    ApiHealth.objects.update(changed_at=F("changed_at") - timedelta(days=2))
    Breaker.read(api().bot_id, "http://other:80").record_result(SILENT)
    assert list(ApiHealth.objects.values_list("origin", flat=True)) == ["http://other:80"]
