"""A bot that is renamed at its provider answers to its new name, and nobody has to do anything for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F

from permabots import tasks
from permabots.models import Bot, Conversation, TelegramBot
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import bot, drain
from tests.pipeline.test_acknowledgements import Published, published
from tests.pipeline.test_integrations import TOKEN, attach
from tests.pipeline.test_webhook import post

__all__ = ["bot", "published"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

GROUP = -100
MENU = "/menu@new_name_bot"


def work(published: Published) -> None:
    """Do what a worker does with the questions that were published, once each."""
    for name, args in list(published):
        if name == "permabots.identify_accounts":
            tasks.identify_accounts(*args)
    published.clear()


def by_a_command(_: Published) -> None:
    assert post(TelegramBot.objects.get(), text_update(1, GROUP, MENU, message_id=1, user=7)).status_code == 200


def by_time(_: Published) -> None:
    a_day_passes()
    tasks.sweep()


def a_day_passes() -> None:
    TelegramBot.objects.update(identify_due=F("identify_due") - timedelta(days=1))


def name() -> str:
    row = TelegramBot.objects.get()
    assert row.user_api is not None
    return row.user_api.username


@pytest.mark.parametrize("noticed", [by_a_command, by_time])
def test_a_renamed_bot_answers_to_its_new_name(
    bot: Bot, telegram: TelegramServer, published: Published, noticed: Callable[[Published], None]
) -> None:
    make_handler(bot, "^/menu$", "Soup")
    telegram.rename(TOKEN, "new_name_bot")
    noticed(published)
    work(published)
    post(TelegramBot.objects.get(), text_update(2, GROUP, MENU, message_id=2, user=7))
    drain(Conversation.objects.get(chat_id=GROUP))
    assert telegram.texts(GROUP) == ["Soup"]


@pytest.mark.parametrize("action", ["restore", "info"])
def test_the_command_tells_of_a_new_name_and_keeps_it(bot: Bot, telegram: TelegramServer, action: str) -> None:
    telegram.rename(TOKEN, "new_name_bot")
    out = StringIO()
    call_command("permabots_webhook", action, stdout=out)
    assert "called new_name_bot now" in out.getvalue()
    assert name() == "new_name_bot"


def test_commands_for_other_bots_have_the_provider_asked_once_in_a_while(
    bot: Bot, telegram: TelegramServer, published: Published
) -> None:
    row, calls = TelegramBot.objects.get(), len(telegram.calls())
    for number in range(3):
        post(row, text_update(number, GROUP, "/menu@other_bot", message_id=1 + number, user=7))
        work(published)
        tasks.identify_accounts("telegram", str(row.pk))
    assert [call.method for call in telegram.calls(calls)] == ["getMe"]


def test_an_account_is_asked_once_a_day(bot: Bot, telegram: TelegramServer, published: Published) -> None:
    calls = len(telegram.calls())
    for _ in range(3):
        tasks.sweep()
        work(published)
    a_day_passes()
    for _ in range(3):
        tasks.sweep()
        work(published)
    assert [call.method for call in telegram.calls(calls)] == ["getMe"]


def test_a_provider_that_is_away_holds_up_one_call_and_not_one_for_each_account(telegram: TelegramServer) -> None:
    for number in range(1, 5):
        attach(make_bot(), f"{number}:token")
    a_day_passes()
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="getMe"))
    calls = len(telegram.calls())
    for _ in range(3):
        tasks.identify_accounts()
    assert len(telegram.calls(calls)) == 1


@pytest.mark.parametrize("state", ["disabled", "let go", "refused"])
def test_an_account_that_is_not_in_use_or_refused_keeps_its_name(
    bot: Bot, telegram: TelegramServer, state: str
) -> None:
    row = TelegramBot.objects.get()
    if state == "disabled":
        integrations.change(row, {}, enabled=False)
    elif state == "let go":
        integrations.detach(bot, "telegram")
    else:
        telegram.add_fault(Fault(FaultKind.REVOKE, method="getMe"))
    telegram.rename(TOKEN, "new_name_bot")
    a_day_passes()
    tasks.identify_accounts()
    assert not TelegramBot.objects.filter(user_api__username="new_name_bot").exists()


def test_another_accounts_credentials_are_not_taken_over(bot: Bot, telegram: TelegramServer) -> None:
    other: Any = TelegramBot.objects.get()
    other.token = "77:other"  # somebody wrote it past `change`, which would have refused
    other.save()
    a_day_passes()
    tasks.identify_accounts()
    assert TelegramBot.objects.get().account == "4242"
