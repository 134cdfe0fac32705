"""A pressed button's spinner stops as soon as the press is on disk, whatever becomes of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from celery.signals import before_task_publish

from permabots import tasks
from permabots.broker import Order
from permabots.models import Bot, Conversation, InboundMessage, OutboundMessage, TelegramBot
from permabots.pipeline.authoring import integrations, removals
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import Fault, FaultKind, TelegramServer, callback_update
from tests.factories import make_handler
from tests.pipeline.talking import arrive, bot, drain, say, statuses
from tests.pipeline.test_webhook import post

__all__ = ["bot"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

PRESS = callback_update(5, 7, "size:l", message_id=5, callback_id="99")
Published = list[tuple[str, list[Any]]]


@pytest.fixture
def published() -> Iterator[Published]:
    """Every task that is published, with its arguments, in order."""
    found: Published = []

    def note(sender: str, body: Any, **_: Any) -> None:
        found.append((sender, list(body[0])))

    before_task_publish.connect(note)
    yield found
    before_task_publish.disconnect(note)


def acknowledge(published: Published) -> None:
    """Do what a worker does with the acknowledgements that were published."""
    for name, args in published:
        if name == "permabots.acknowledge":
            tasks.acknowledge(*args)


def methods(telegram: TelegramServer, since: int = 0) -> list[str]:
    return [call.method for call in telegram.calls(since)]


def test_the_webhook_has_a_press_acknowledged_before_anybody_is_woken(bot: Bot, published: Published) -> None:
    row = TelegramBot.objects.get()
    assert post(row, PRESS).status_code == 200
    assert [name for name, _ in published] == ["permabots.acknowledge", "permabots.drain"]
    assert published[0][1] == ["telegram", str(row.pk), "5"]


def test_a_press_is_acknowledged_while_an_earlier_message_waits(
    bot: Bot, telegram: TelegramServer, published: Published
) -> None:
    say(bot, "hello", 1)
    arrive(bot, PRESS)
    calls = len(telegram.calls())
    acknowledge(published)
    assert methods(telegram, calls) == ["answerCallbackQuery"]
    assert statuses(InboundMessage) == ["pending", "pending"], "no turn was begun for it"


def test_what_is_no_press_is_not_acknowledged(bot: Bot, published: Published) -> None:
    say(bot, "hello")
    assert [name for name, _ in published] == []


def test_a_turn_acknowledges_nothing_a_second_time(bot: Bot, telegram: TelegramServer, published: Published) -> None:
    make_handler(bot, "^size:l$", "Large it is")
    talk = arrive(bot, PRESS)
    acknowledge(published)
    calls = len(telegram.calls())
    drain(talk)
    assert methods(telegram, calls) == ["sendMessage"]
    assert statuses(OutboundMessage) == ["sent"]


FAILURES = [
    Fault(FaultKind.SERVER_ERROR, method="answerCallbackQuery"),
    Fault(FaultKind.TOO_MANY_REQUESTS, method="answerCallbackQuery", seconds=30),
    Fault(FaultKind.CLOSE, method="answerCallbackQuery"),
]


@pytest.mark.parametrize("fault", [None, *FAILURES], ids=["too old", "server error", "flood", "no answer"])
def test_a_failed_acknowledgement_fails_and_delays_nothing(
    bot: Bot, telegram: TelegramServer, published: Published, fault: Fault | None
) -> None:
    if fault is not None:
        telegram.add_fault(fault)
    make_handler(bot, "^size:l$", "Large it is")
    talk = arrive(bot, PRESS)  # the stand-in has shown no such button: without a fault, the query is too old
    acknowledge(published)
    drain(talk)
    assert telegram.texts(7) == ["Large it is"]
    assert TelegramBot.objects.get().last_error == ""


@pytest.mark.parametrize("gone", ["disabled", "let go", "message deleted"])
def test_an_acknowledgement_that_comes_too_late_calls_nobody(
    bot: Bot, telegram: TelegramServer, published: Published, gone: str
) -> None:
    arrive(bot, PRESS)
    if gone == "disabled":
        integrations.change(TelegramBot.objects.get(), {}, enabled=False)
    elif gone == "let go":
        integrations.detach(bot, "telegram")
        removals.finish()
    else:
        InboundMessage.objects.all().delete()
    calls = len(telegram.calls())
    acknowledge(published)
    assert "answerCallbackQuery" not in methods(telegram, calls)


def test_a_broker_that_is_away_costs_the_acknowledgement_and_nothing_else(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^size:l$", "Large it is")
    with patch.object(tasks.acknowledge, "apply_async", side_effect=OSError):
        assert post(TelegramBot.objects.get(), PRESS).status_code == 200
    drain(Conversation.objects.get())
    assert telegram.texts(7) == ["Large it is"]


@pytest.mark.parametrize("order", [Order.FIRST, Order.BUSY])
def test_presses_in_a_flood_are_acknowledged_in_the_order_of_their_answers(bot: Bot, order: Order) -> None:
    target = webhook_cache.get_webhook_target("telegram", TelegramBot.objects.get().pk)
    assert target is not None
    with patch("permabots.broker.publish") as publish:
        tasks.accept(target, inbox.parse(target, PRESS), order)
    assert {it.args[0].name: it.kwargs["order"] for it in publish.call_args_list} == {
        "permabots.acknowledge": order,
        "permabots.drain": order,
    }
