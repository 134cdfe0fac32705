"""Trying again what was given up: what goes back, what does not, and in which order it then leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, Conversation, InboundMessage, OutboundMessage
from permabots.pipeline import conversation, integrations
from permabots.pipeline.retry import retry as put_back
from permabots.testing import TelegramServer
from tests.api_observing.client import ApiClient
from tests.factories import make_bot, make_conversation, make_handler, make_inbound, make_outbound
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def bot(telegram: TelegramServer) -> Bot:
    """A bot that is connected to the stand-in Telegram, and greets."""
    bot = make_bot()
    attach(bot)
    make_handler(bot, "hello", "Hi")
    return Bot.objects.get(pk=bot.pk)


@pytest.fixture
def woken() -> Iterator[list[list[Any]]]:
    """The arguments of every wake-up that is published."""
    published: list[list[Any]] = []

    def note(body: Any, **_: Any) -> None:
        published.append(list(body[0]))

    before_task_publish.connect(note)
    yield published
    before_task_publish.disconnect(note)


def retry(api: ApiClient, row: InboundMessage) -> Any:
    return api.post(f"messages/{row.pk}/retry/")


def status_of(row: Any) -> str:
    row.refresh_from_db()
    return str(row.status)


@pytest.mark.parametrize("status", ["parked", "skipped"])
def test_a_message_that_was_given_up_is_answered(
    api: ApiClient, bot: Bot, telegram: TelegramServer, woken: list[list[Any]], status: str
) -> None:
    talk = say(bot, "hello")
    InboundMessage.objects.update(status=status, attempts=3, error="begun 3 times", handled_at="2030-01-01T00:00Z")
    answer = retry(api, InboundMessage.objects.get())
    shown = answer.json()
    assert answer.status_code == 200
    assert [shown[name] for name in ("status", "attempts", "error", "handled_at")] == ["pending", 0, "", None]
    assert [talk.pk, "telegram"] in woken
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert status_of(InboundMessage.objects.get()) == "done"


def test_the_calls_that_failed_are_made_and_those_that_were_sent_are_not(
    api: ApiClient, bot: Bot, telegram: TelegramServer, woken: list[list[Any]]
) -> None:
    talk = make_conversation(bot)
    row = make_inbound(talk, 1, status="done")
    parts = [
        make_outbound(talk, inbound=row, part=0, status="sent", attempts=1),
        make_outbound(talk, inbound=row, part=1, status="parked", attempts=8),
        make_outbound(talk, inbound=row, part=2, status="skipped"),
    ]
    assert [call["status"] for call in retry(api, row).json()["outbound"]] == ["sent", "pending", "pending"]
    assert [talk.pk, "telegram"] in woken
    drain(talk)
    assert [status_of(part) for part in parts] == ["sent", "sent", "sent"]
    assert [part.attempts for part in parts] == [1, 9, 1]
    assert len(telegram.messages(7)) == 2


def test_a_press_that_could_not_be_acknowledged_is_not_acknowledged_again(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    row = make_inbound(talk, 1, status="done")
    payload = {"method": "answerCallbackQuery", "body": {"callback_query_id": "1"}, "optional": True}
    spinner = make_outbound(talk, inbound=row, status="skipped", payload=payload)
    answer = make_outbound(talk, inbound=row, part=1, status="parked")
    assert retry(api, row).status_code == 200
    assert (status_of(spinner), status_of(answer)) == ("skipped", "pending")
    answer.delete()
    assert retry(api, row).status_code == 409


def test_a_call_keeps_its_attempts_so_that_a_late_result_of_an_old_one_is_not_taken(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    row = make_inbound(talk, 1, status="done")
    call = make_outbound(talk, inbound=row, status="parked", attempts=2)
    retry(api, row)
    call.refresh_from_db()
    assert (call.status, call.attempts) == ("pending", 2)


@pytest.mark.parametrize("status", ["pending", "done", "ignored"])
def test_what_did_not_fail_is_409_and_stays_as_it_is(
    api: ApiClient, bot: Bot, woken: list[list[Any]], status: str
) -> None:
    row = make_inbound(make_conversation(bot), 1, status=status)
    make_outbound(row.conversation, inbound=row, status="sent")
    answer = retry(api, row)
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith(f"There is nothing to retry: the message is {status}")
    assert (status_of(row), woken) == (status, [])


def test_calls_that_are_on_their_way_are_left_alone(api: ApiClient, bot: Bot) -> None:
    row = make_inbound(make_conversation(bot), 1, status="done")
    calls = [
        make_outbound(row.conversation, inbound=row, part=part, status=status)
        for part, status in enumerate(["pending", "started"])
    ]
    assert retry(api, row).status_code == 409
    assert [status_of(call) for call in calls] == ["pending", "started"]


def test_a_second_retry_finds_nothing_to_do(api: ApiClient, bot: Bot) -> None:
    row = make_inbound(make_conversation(bot), 1, status="parked")
    assert [retry(api, row).status_code for _ in range(2)] == [200, 409]


@pytest.mark.parametrize("change", ["removed", "replaced", "disabled"])
@pytest.mark.parametrize("failed", ["message", "call"])
def test_without_the_account_that_took_it_nothing_is_retried(
    api: ApiClient, bot: Bot, telegram: TelegramServer, change: str, failed: str
) -> None:
    row = make_inbound(make_conversation(bot), 1, status="parked" if failed == "message" else "done")
    if failed == "call":
        make_outbound(row.conversation, inbound=row, status="parked")
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
    say(bot, "1", 1)
    InboundMessage.objects.update(status="parked")
    drain(say(bot, "2", 2))
    talk = say(bot, "3", 3)
    first = InboundMessage.objects.get(number=1)
    retry(api, first)
    drain(talk)
    assert telegram.texts(7) == ["2", "1", "3"]
    first.refresh_from_db()
    assert "late" in first.trace


def test_a_chat_that_has_to_wait_goes_on_waiting(api: ApiClient, bot: Bot, telegram: TelegramServer) -> None:
    row = make_inbound(make_conversation(bot), 1, status="parked")
    Conversation.objects.hold_back(row.conversation, 3600)
    retry(api, row)
    conversation.drain(row.conversation_id, "telegram")
    assert (status_of(row), telegram.sent()) == ("pending", [])


def test_nothing_of_another_message_is_touched(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    row, other = make_inbound(talk, 1, status="parked"), make_inbound(talk, 2, status="parked")
    call = make_outbound(talk, inbound=make_inbound(talk, 3, status="done"), status="parked")
    retry(api, row)
    assert [status_of(left) for left in (row, other, call)] == ["pending", "parked", "parked"]


def test_what_a_worker_finished_in_the_meantime_stays_finished(bot: Bot) -> None:
    row = make_inbound(make_conversation(bot), 1, status="parked")
    InboundMessage.objects.update(status="done")
    with pytest.raises(NothingToRetry, match="the message is done"):
        put_back(bot, row)
    assert status_of(row) == "done"


def test_a_message_that_has_an_answer_is_not_answered_again(api: ApiClient, bot: Bot) -> None:
    row = make_inbound(make_conversation(bot), 1, status="parked")
    sent = make_outbound(row.conversation, inbound=row, status="sent")
    assert retry(api, row).status_code == 409
    failed = make_outbound(row.conversation, inbound=row, part=1, status="parked")
    assert retry(api, row).status_code == 200
    assert [status_of(left) for left in (row, sent, failed)] == ["parked", "sent", "pending"]
