"""Trying again what failed for many at once: the messages of a bot, the recipients of a hook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots import tasks
from permabots.models import Bot, Conversation, Hook, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import broadcast_rate, notifications
from permabots.pipeline.operating import retry as retrying
from permabots.testing import TelegramServer
from permabots.views.api.traffic.messages import urlpatterns
from tests.api.traffic.client import ApiClient
from tests.ends import (
    disabled,
    drain,
    make_answer,
    make_delivery,
    make_message,
    make_unmissed,
    refusal,
)
from tests.factories import make_account, make_bot, make_handler, make_telegram, tell
from tests.pipeline.test_integrations import attach
from tests.pipeline.test_notification import deliver, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def woken() -> Iterator[list[list[Any]]]:
    """The arguments of every wake-up that is published."""
    published: list[list[Any]] = []

    def note(body: Any, **_: Any) -> None:
        published.append(list(body[0]))

    before_task_publish.connect(note)
    yield published
    before_task_publish.disconnect(note)


@pytest.fixture
def hook(bot: Bot) -> Hook:
    return create_hook(bot, {"name": "ready", "response": {"text_template": "{{ data.name }}"}})


def statuses(model: Any) -> list[str]:
    return list(model.objects.order_by("id").values_list("status", flat=True))


def retry_messages(api: ApiClient, query: str = "") -> Any:
    answer = api.post(f"messages/retry/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def retry_delivery(api: ApiClient, row: Notification) -> Any:
    return api.post(f"hooks/{row.hook_id}/deliveries/{row.pk}/retry/")


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


def test_the_failed_calls_of_a_delivery_are_made_again(api: ApiClient, hook: Hook, woken: list[list[Any]]) -> None:
    row, other = make_delivery(hook, "sent", "parked", "pending", "skipped"), make_delivery(hook, "parked")
    failed = [call.conversation_id for call in row.outbound.order_by("id") if call.status in {"parked", "skipped"}]
    answer = retry_delivery(api, row)
    assert (answer.status_code, answer.json()["id"]) == (200, row.pk)
    assert answer.json()["counts"] == {"sent": 1, "pending": 3}
    assert [call["status"] for call in answer.json()["outbound"]] == ["sent", "pending", "pending", "pending"]
    assert statuses(OutboundMessage) == ["sent", "pending", "pending", "pending", "parked"]
    assert woken == [[talk, "telegram"] for talk in failed]
    assert retry_delivery(api, row).status_code == 409
    assert retry_delivery(api, other).status_code == 200


def test_a_recipient_that_could_not_be_told_is_told(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    hook = create_hook(Bot.objects.get(pk=bot.pk), {"name": "ready", "response": {"text_template": "{{ data.name }}"}})
    hook.recipients.create(provider="telegram", chat_id="101", name="r")
    telegram.add_fault(refusal(101, count=1))
    post(hook, {"name": "Order 5"})
    deliver()
    assert (statuses(OutboundMessage), telegram.texts(101)) == (["parked"], [])
    assert retry_delivery(ApiClient(bot), Notification.objects.get()).status_code == 200
    drain(Conversation.objects.get())
    assert telegram.texts(101) == ["Order 5"]


def test_a_delivery_that_was_given_up_itself_goes_on(api: ApiClient, bot: Bot, woken: list[list[Any]]) -> None:
    hook = create_hook(bot, {"name": "broken", "response": {"text_template": "{{ 1 / (data.zero|int) }}"}})
    row = notifications.store(hook, {})
    tell(row)
    assert (row.status, row.attempts, row.error != "") == ("parked", 1, True)
    answer = retry_delivery(api, row).json()
    assert (answer["status"], answer["attempts"], answer["error"]) == ("pending", 0, "")
    assert woken == [[row.pk]]


@pytest.mark.parametrize("calls", [(), ("sent", "pending", "started")])
def test_a_delivery_without_a_failure_is_409(
    api: ApiClient, hook: Hook, calls: tuple[str, ...], woken: list[list[Any]]
) -> None:
    answer = retry_delivery(api, make_delivery(hook, *calls))
    assert (answer.status_code, "nothing to retry" in answer.json()["detail"]) == (409, True)
    assert (statuses(OutboundMessage), woken) == (list(calls), [])


@pytest.mark.parametrize("change", ["removed", "disabled"])
def test_a_delivery_without_an_account_in_use_is_409(api: ApiClient, bot: Bot, hook: Hook, change: str) -> None:
    row = make_delivery(hook, "parked")
    if change == "removed":
        integrations.detach(bot, "telegram")
        answer = retry_delivery(api, row)
    else:
        with disabled(bot):
            answer = retry_delivery(api, row)
    assert (answer.status_code, "no account that is enabled" in answer.json()["detail"]) == (409, True)
    assert statuses(OutboundMessage) == ["parked"]


def test_calls_that_are_made_again_keep_to_the_providers_rate_again(
    api: ApiClient, hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {"TELEGRAM_RATE": 0.05}  # however slow the machine is
    monkeypatch.setattr(broadcast_rate, "HORIZON", 1000)
    row = make_delivery(hook, "sent", "parked", "sent")
    assert slots() == [False, True, True]
    assert retry_delivery(api, row).status_code == 200
    assert slots() == [False, False, True]


def slots() -> list[bool]:
    return list(OutboundMessage.objects.order_by("id").values_list("slot_reserved", flat=True))


def test_only_the_hooks_own_delivery_is_tried_again(api: ApiClient, bot: Bot, hook: Hook) -> None:
    other = create_hook(bot, {"name": "other", "response": {"text_template": "x"}})
    row = make_delivery(hook, "parked")
    assert api.post(f"hooks/{other.pk}/deliveries/{row.pk}/retry/").status_code == 404
    assert statuses(OutboundMessage) == ["parked"]
