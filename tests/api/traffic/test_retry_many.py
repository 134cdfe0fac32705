"""Trying again what failed for many messages of a bot at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots import tasks
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.pipeline.operating import retry as retrying
from permabots.testing import TelegramServer
from permabots.views.api.traffic.messages import urlpatterns
from tests.api.traffic.client import ApiClient
from tests.api.traffic.retrying import statuses
from tests.api.traffic.retrying import woken as woken
from tests.ends import disabled, drain, make_answer, make_message, make_unmissed
from tests.factories import make_account, make_bot, make_handler, make_telegram
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def retry_messages(api: ApiClient, query: str = "") -> Any:
    answer = api.post(f"messages/retry/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_all_that_was_given_up_is_tried_again_and_nothing_else(
    api: ApiClient, bot: Bot, woken: list[list[Any]]
) -> None:
    answers = [make_answer(bot, *calls, chat=8) for calls in (("sent", "parked", "skipped"), ("started", "pending"))]
    rows = [make_message(bot, status) for status in ("parked", "skipped", "done", "ignored", "pending")]
    woken.clear()
    assert retry_messages(api) == {"messages": 2, "calls": 2}
    assert statuses(InboundMessage) == ["done", "done", "pending", "pending", "done", "ignored", "pending"]
    assert statuses(OutboundMessage) == ["sent", "pending", "pending", "started", "pending"]
    again = InboundMessage.objects.filter(pk__in=[row.pk for row in rows[:2]])
    assert list(again.values_list("attempts", "error")) == [(0, "")] * 2
    assert woken == [[row.conversation_id, "telegram"] for row in (rows[0], answers[0])]
    assert retry_messages(api) == {"messages": 0, "calls": 0}


def test_a_call_that_nobody_misses_is_not_made_again(api: ApiClient, bot: Bot) -> None:
    make_unmissed(bot)
    assert retry_messages(api) == {"messages": 0, "calls": 0}


def test_what_was_put_back_is_answered(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "hello", "Hi")
    rows = [make_message(bot, "parked", chat=chat, server=telegram) for chat in (7, 8)]
    assert retry_messages(ApiClient(bot)) == {"messages": 2, "calls": 0}
    for row in rows:
        drain(row.conversation)
    assert (telegram.texts(7), telegram.texts(8)) == (["Hi"], ["Hi"])


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?chat=7", {1, 2}),
        ("?user=9", {3}),
        ("?status=skipped", {2}),
        ("?chat=8&status=skipped", set()),
        ("?provider=telegram&until=2030-01-02", {1}),
        ("?since=2030-01-02", {2, 3}),
    ],
)
def test_the_filters_of_the_list_choose(api: ApiClient, bot: Bot, query: str, numbers: set[int]) -> None:
    for number, (status, chat) in enumerate([("parked", 7), ("skipped", 7), ("parked", 8)], 1):
        make_message(bot, status, number=number, chat=chat, user=chat + 1)
    InboundMessage.objects.filter(provider_sequence=1).update(received_at="2030-01-01T12:00Z")
    InboundMessage.objects.exclude(provider_sequence=1).update(received_at="2030-01-03T12:00Z")
    assert retry_messages(api, query)["messages"] == len(numbers)
    assert set(InboundMessage.objects.filter(status="pending").values_list("provider_sequence", flat=True)) == numbers


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        ("?chat_id=7", None, "chat_id"),
        ("?limit=5", None, "limit"),
        ("?status=lost", None, "status"),
        ("?since=yesterday", None, "since"),
        ("", {"chat": "7"}, "non_field_errors"),
    ],
)
def test_a_choice_that_is_not_understood_tries_nothing_again(
    api: ApiClient, bot: Bot, query: str, body: Any, field: str
) -> None:
    make_message(bot, "parked")
    answer = api.post(f"messages/retry/{query}", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert statuses(InboundMessage) == ["parked"]


def test_messages_of_other_bots_and_of_accounts_that_are_gone_stay(api: ApiClient, bot: Bot) -> None:
    make_message(bot, "parked")
    make_account(bot, "telegram")
    make_message(make_telegram().bot, "parked")
    assert retry_messages(api) == {"messages": 0, "calls": 0}
    assert statuses(InboundMessage) == ["parked", "parked"]


def test_a_disabled_account_retries_nothing(api: ApiClient, bot: Bot) -> None:
    make_message(bot, "parked")
    with disabled(bot):
        assert retry_messages(api) == {"messages": 0, "calls": 0}


def test_many_are_put_back_batch_by_batch_in_transactions_of_their_own(
    api: ApiClient, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "BATCH", 2)
    for _ in range(5):
        make_message(bot, "parked")
    with CaptureQueriesContext(connection) as queries:
        assert retry_messages(api) == {"messages": 5, "calls": 0}
    words = [query["sql"].split()[0] for query in queries]
    assert words.count("UPDATE") == 3
    assert "BEGIN" not in words


def test_many_conversations_are_left_to_the_sweep(
    api: ApiClient, bot: Bot, woken: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "WOKEN_AT_ONCE", 2)
    for chat in range(1, 5):
        make_message(bot, "parked", chat=chat)
    assert retry_messages(api)["messages"] == 4
    assert len(woken) == 2


def test_a_host_that_wraps_requests_in_transactions_does_not_wrap_these() -> None:
    views = [route.callback for route in urlpatterns if route.name in {"messages-retry", "delivery-retry"}]
    assert ["default" in view._non_atomic_requests for view in views] == [True, True]
