"""A provider that refuses the whole account for now: the account waits, and not one chat after another."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from permabots.models import Bot, Chat, TelegramBot
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import Fault, FaultKind, MessengerServer, TelegramServer
from permabots.values import Kind
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import bot, drain, say
from tests.waiting import wait_is_over

__all__ = ["bot"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

FLOOD = Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=7)


def refused(bot: Bot, telegram: TelegramServer, *chats: int) -> None:
    """Have answers to these chats refused, one after another."""
    make_handler(bot)
    telegram.add_fault(FLOOD)
    for number, chat in enumerate(chats):
        wait_is_over()  # the chat's own wait is over
        drain(say(bot, "hello", number, chat=chat))
    telegram.clear_faults()


def paused() -> float | None:
    until = TelegramBot.objects.get().paused_until
    return None if until is None else (until - timezone.now()).total_seconds()


def test_a_flood_of_several_chats_pauses_the_account(bot: Bot, telegram: TelegramServer) -> None:
    refused(bot, telegram, 1, 2, 3)
    wait = paused()
    assert wait is not None
    assert 0 < wait <= 7
    calls = len(telegram.calls())
    talk = say(bot, "hello", 9, chat=9)
    drain(talk)
    assert len(telegram.calls(calls)) == 0, "nothing is sent while the account is paused"
    assert Chat.objects.get(chat_id="9").not_before is not None


@pytest.mark.parametrize("chats", [(1,), (1, 2), (1, 1, 1, 1), (1, 2, 1, 2)])
def test_a_flood_of_few_chats_is_theirs_alone(bot: Bot, telegram: TelegramServer, chats: tuple[int, ...]) -> None:
    refused(bot, telegram, *chats)
    assert paused() is None
    drain(say(bot, "hello", 99, chat=9))
    assert telegram.texts(9) == ["Hi"]


def test_what_is_no_flood_pauses_nothing(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage"))
    for chat in (1, 2, 3, 4):
        drain(say(bot, "hello", chat, chat=chat))
    assert paused() is None


def test_messengers_limits_are_of_the_page(settings: Any) -> None:
    with MessengerServer(check_people=False) as server:
        settings.PERMABOTS = {"MESSENGER_API_URL": server.url, "WEBHOOK_DOMAIN": "https://bots.example.com"}
        bot = make_bot()
        make_handler(bot)
        row = integrations.attach(bot, "messenger", {"token": "EAAG-token"})
        target = webhook_cache.get_webhook_target("messenger", row.pk)
        assert target is not None
        server.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS))
        (talk,) = inbox.store(target, inbox.parse(target, row.provider.simulated_update("hello", Kind.TEXT, "7", "")))
        draining.drain(talk, "messenger")
        assert type(row).objects.get(pk=row.pk).paused_until is not None
