"""Trying again what was given up: what goes back, what does not, and in which order it then leaves."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, Chat, InboundMessage, OutboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.operating.retry import retry as put_back
from permabots.testing import TelegramServer
from tests.api.traffic.client import ApiClient
from tests.api.traffic.retrying import woken as woken
from tests.ends import make_answer, make_message, refusal
from tests.factories import make_bot, make_handler, say
from tests.pipeline.clumsy import Gentle
from tests.pipeline.talking import drain
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def bot(telegram: TelegramServer) -> Bot:
    """A bot that is connected to the stand-in Telegram, and greets."""
    bot = make_bot()
    attach(bot)
    make_handler(bot, "hello", "Hi")
    return Bot.objects.get(pk=bot.pk)


def retry(api: ApiClient, row: InboundMessage) -> Any:
    return api.post(f"messages/{row.pk}/retry/")


def parts_of(row: InboundMessage) -> list[OutboundMessage]:
    return list(row.outbound.order_by("part"))


def status_of(row: Any) -> str:
    row.refresh_from_db()
    return str(row.status)


@pytest.mark.parametrize("status", ["parked", "skipped"])
def test_a_message_that_was_given_up_is_answered(
    api: ApiClient, bot: Bot, telegram: TelegramServer, woken: list[list[Any]], status: str
) -> None:
    row = make_message(bot, status, server=telegram)
    assert (row.error != "", row.handled_at is not None) == (True, True)
    answer = retry(api, row)
    shown = answer.json()
    assert answer.status_code == 200
    assert [shown[name] for name in ("status", "attempts", "error", "handled_at")] == ["pending", 0, "", None]
    assert [row.conversation_id, "telegram"] in woken
    drain(row.conversation)
    assert telegram.texts(7) == ["Hi"]
    assert status_of(row) == "done"


def test_the_calls_that_failed_are_made_and_those_that_were_sent_are_not(
    api: ApiClient, bot: Bot, telegram: TelegramServer, woken: list[list[Any]]
) -> None:
    row = make_answer(bot, "sent", "parked", "skipped", server=telegram)
    before = [call.attempts for call in parts_of(row)]
    assert [call["status"] for call in retry(api, row).json()["outbound"]] == ["sent", "pending", "pending"]
    assert [row.conversation_id, "telegram"] in woken
    drain(row.conversation)
    assert [call.status for call in parts_of(row)] == ["sent", "sent", "sent"]
    assert [call.attempts - old for call, old in zip(parts_of(row), before, strict=True)] == [0, 1, 1]
    assert telegram.texts(7) == ["part 0", "part 1", "part 2"]


def test_a_call_that_nobody_misses_is_not_made_again(
    api: ApiClient, bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": [Gentle]}
    make_handler(bot, "^two$", "one\\ntwo")
    telegram.add_fault(refusal(7, count=2))
    row = say(bot, "two")
    drain(row.conversation)
    assert [call.status for call in parts_of(row)] == ["skipped", "parked"]
    assert retry(api, row).status_code == 200
    assert [call.status for call in parts_of(row)] == ["skipped", "pending"]
    drain(row.conversation)
    assert telegram.texts(7) == ["two"]
    assert retry(api, row).status_code == 409


def test_a_call_keeps_its_attempts_so_that_a_late_result_of_an_old_one_is_not_taken(
    api: ApiClient, bot: Bot, telegram: TelegramServer
) -> None:
    row = make_answer(bot, "parked", server=telegram)
    retry(api, row)
    (call,) = parts_of(row)
    assert (call.status, call.attempts) == ("pending", 1)


@pytest.mark.parametrize("status", ["pending", "done", "ignored"])
def test_what_did_not_fail_is_409_and_stays_as_it_is(
    api: ApiClient, bot: Bot, telegram: TelegramServer, woken: list[list[Any]], status: str
) -> None:
    row = make_message(bot, status, server=telegram)
    woken.clear()
    answer = retry(api, row)
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith(f"There is nothing to retry: the message is {status}")
    assert (status_of(row), woken) == (status, [])


def test_calls_that_are_on_their_way_are_left_alone(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    row = make_answer(bot, "started", "pending", server=telegram)
    assert retry(api, row).status_code == 409
    assert [call.status for call in parts_of(row)] == ["started", "pending"]


def test_a_second_retry_finds_nothing_to_do(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    row = make_message(bot, "parked", server=telegram)
    assert [retry(api, row).status_code for _ in range(2)] == [200, 409]


@pytest.mark.parametrize("change", ["removed", "replaced", "disabled"])
@pytest.mark.parametrize("failed", ["message", "call"])
def test_without_the_account_that_took_it_nothing_is_retried(
    api: ApiClient, bot: Bot, telegram: TelegramServer, change: str, failed: str
) -> None:
    if failed == "message":
        row = make_message(bot, "parked", server=telegram)
    else:
        row = make_answer(bot, "parked", server=telegram)
    if change == "removed":
        integrations.detach(bot, "telegram")
    elif change == "replaced":
        attach(bot, "9:other")
    else:
        integrations.change(bot.integrations()[0], {}, enabled=False)
    answer = retry(api, row)
    words = "The integration is disabled" if change == "disabled" else "removed or replaced"
    assert (answer.status_code, words in answer.json()["detail"]) == (409, True)
    assert status_of(row) == ("parked" if failed == "message" else "done")
    assert not OutboundMessage.objects.filter(status="pending").exists()


def test_a_retried_message_is_answered_before_those_that_wait_and_says_that_it_is_late(
    api: ApiClient, bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot, r"^(?P<n>\d)$", "{{ pattern.n }}")
    first = make_message(bot, "parked", "1", 1, server=telegram)
    make_message(bot, "done", "2", 2, server=telegram)
    say(bot, "3", 3)
    retry(api, first)
    drain(first.conversation)
    assert telegram.texts(7) == ["2", "1", "3"]
    first.refresh_from_db()
    assert "late" in first.trace


def test_a_chat_that_has_to_wait_goes_on_waiting(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    row = make_message(bot, "parked", server=telegram)
    Chat.objects.postpone(row.conversation, 3600)
    retry(api, row)
    draining.drain(row.conversation_id, "telegram")
    assert (status_of(row), telegram.sent()) == ("pending", [])


def test_nothing_of_another_message_is_touched(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    (call,) = parts_of(make_answer(bot, "parked", server=telegram))
    row, other = (make_message(bot, "parked", server=telegram) for _ in range(2))
    retry(api, row)
    assert [status_of(left) for left in (row, other, call)] == ["pending", "parked", "parked"]


def test_what_a_worker_finished_in_the_meantime_stays_finished(bot: Bot, telegram: TelegramServer) -> None:
    row = make_message(bot, "parked", server=telegram)
    put_back(bot, InboundMessage.objects.get(pk=row.pk))
    drain(row.conversation)
    with pytest.raises(NothingToRetry, match="the message is done"):
        put_back(bot, row)
    assert status_of(row) == "done"


def test_a_message_that_has_an_answer_is_not_answered_again(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    """What a bot says where an answer fails is one, too."""
    bot.fallback_text = "Sorry"
    bot.save()
    make_handler(bot, "^fail$", "{{ 1 / (pattern.zero|int) }}")
    told, failed_recipients = (say(bot, "fail", chat=chat) for chat in (7, 8))
    telegram.add_fault(refusal(8, count=1))
    for row in (told, failed_recipients):
        drain(row.conversation)
    assert [retry(api, row).status_code for row in (told, failed_recipients)] == [409, 200]
    assert [status_of(left) for left in (told, failed_recipients, *parts_of(told), *parts_of(failed_recipients))] == [
        *("failed", "failed"),
        *("sent", "pending"),
    ]
