"""A conversation that has a wake-up on its way gets no second one, and no message waits for a sweep because of that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction

from permabots import tasks
from permabots.models import Bot, InboundMessage
from permabots.pipeline.receiving import wake_ups
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

YEARS = 10.0**9


@pytest.fixture(autouse=True)
def _one_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages of a test are of one span of time, however slow the machine is."""
    monkeypatch.setattr(wake_ups, "SECONDS", YEARS)


def wakes(bot: Bot, update_id: int, chat: int = 7, text: str = "hello") -> bool:
    """Have a message come in; returns whether it publishes a wake-up."""
    row = Bot.objects.get(pk=bot.pk).telegram_bot
    assert row is not None
    with patch("permabots.broker.publish") as publish:
        tasks.receive(row, text_update(update_id, chat, text, message_id=1000 + update_id))
    return bool(publish.call_args_list)


def test_the_first_message_wakes_and_those_behind_it_do_not(bot: Bot, telegram: TelegramServer) -> None:
    assert [wakes(bot, number) for number in (1, 2, 3)] == [True, False, False]


def test_each_conversation_is_woken(bot: Bot, telegram: TelegramServer) -> None:
    assert [wakes(bot, number, chat=number) for number in (1, 2, 3)] == [True, True, True]


def test_what_is_answered_holds_nothing_back(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    assert wakes(bot, 1)
    drain(InboundMessage.objects.get().conversation)
    assert wakes(bot, 2)


def test_the_first_message_of_each_span_wakes_since_a_wake_up_may_be_lost(
    bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_ups, "SECONDS", 0.000_001)
    assert [wakes(bot, number) for number in (1, 2, 3)] == [True, True, True]


def test_one_that_comes_while_an_answer_is_sent_is_found_by_its_sender(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    wakes(bot, 1)
    telegram.add_fault(Fault(FaultKind.SLOW, method="sendMessage", count=1, seconds=1.5))
    talk = InboundMessage.objects.get().conversation

    def work() -> None:
        drain(talk)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    telegram.wait_for_sent(1)
    assert statuses(InboundMessage) == ["done"]
    assert not wakes(bot, 2)
    worker.join()
    assert statuses(InboundMessage) == ["done", "done"]


def test_a_repeated_delivery_wakes_again(bot: Bot, telegram: TelegramServer) -> None:
    assert [wakes(bot, 1), wakes(bot, 1)] == [True, True]


def test_in_a_transaction_of_the_host_it_is_not_asked_before_the_commit(bot: Bot, telegram: TelegramServer) -> None:
    wakes(bot, 1)
    row = Bot.objects.get(pk=bot.pk).telegram_bot
    assert row is not None
    with patch("permabots.broker.publish") as publish, transaction.atomic():
        tasks.receive(row, text_update(2, 7, "hello", message_id=2))
    assert len(publish.call_args_list) == 1


def test_where_the_database_does_not_say_it_is_woken(bot: Bot, telegram: TelegramServer) -> None:
    wakes(bot, 1)

    def away(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "outboundmessage" in sql:
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        assert wakes(bot, 2)
    assert statuses(InboundMessage) == ["pending", "pending"]
