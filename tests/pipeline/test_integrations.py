"""Connecting bots to a provider, and letting them go."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from permabots.exceptions import IntegrationRefused
from permabots.models import Bot, InboundMessage, OutboundMessage, TelegramBot, TelegramUser
from permabots.pipeline.authoring import integrations, removals
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.ends import make_answer, make_message
from tests.factories import make_bot
from tests.pipeline.conftest import DOMAIN

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TOKEN = "4242:token"


def attach(bot: Bot, token: str = TOKEN, *, enabled: bool = True) -> TelegramBot:
    row = integrations.attach(bot, "telegram", {"token": token}, enabled=enabled)
    return TelegramBot.objects.get(pk=row.pk)


def test_a_bot_is_connected_with_a_webhook_and_a_fresh_secret(telegram: TelegramServer) -> None:
    bot = make_bot()
    row = attach(bot)
    webhook = telegram.webhook(TOKEN)
    assert webhook["url"] == f"{DOMAIN}/processing/telegrambot/{row.pk}/" == row.webhook_url
    assert webhook["secret"] == row.webhook_secret
    assert len(row.webhook_secret) >= 32
    assert (row.status, row.account, row.user_api.username) == ("connected", "4242", "fake_4242_bot")
    assert Bot.objects.get(pk=bot.pk).telegram_bot == row


def test_a_refused_token_leaves_nothing_behind(telegram: TelegramServer) -> None:
    bot = make_bot()
    with pytest.raises(IntegrationRefused) as refusal:
        attach(bot, "1:REJECT")
    assert "REJECT" not in str(refusal.value)
    assert not TelegramBot.objects.exists()
    assert bot.integrations() == []


def test_a_refused_webhook_leaves_nothing_behind(telegram: TelegramServer) -> None:
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="setWebhook"))
    with pytest.raises(IntegrationRefused):
        attach(make_bot())
    assert not TelegramBot.objects.exists()


def test_another_account_replaces_the_first_and_removes_its_webhook(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot, "1:a")
    row = attach(bot, "2:b")
    removals.finish()
    assert telegram.webhook("1:a")["url"] == ""
    assert telegram.webhook("2:b")["url"] == row.webhook_url
    assert list(TelegramBot.objects.all()) == [row]


def test_a_replaced_account_parks_what_is_pending_and_keeps_the_conversation(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot, "1:a")
    talk = make_answer(bot, "pending", server=telegram).conversation
    make_message(bot, "pending", number=2)
    attach(bot, "2:b")
    assert InboundMessage.objects.get(provider_sequence=2).status == "parked"
    assert OutboundMessage.objects.get().status == "parked"
    assert "replaced" in OutboundMessage.objects.get().error
    assert bot.conversations.get() == talk


def test_a_new_token_of_the_same_account_is_taken_in_place(telegram: TelegramServer) -> None:
    bot = make_bot()
    first = attach(bot, "1:old")
    telegram.revoke("1:old")
    second = attach(bot, "1:new")
    assert (second.pk, second.token) == (first.pk, "1:new")
    assert TelegramBot.objects.count() == 1
    assert telegram.webhook("1:new")["url"] == second.webhook_url


def test_an_account_serves_one_bot(telegram: TelegramServer) -> None:
    first = attach(make_bot())
    with pytest.raises(IntegrationRefused, match="serves a bot already"):
        attach(make_bot())
    assert list(TelegramBot.objects.all()) == [first]
    assert telegram.webhook(TOKEN)["url"] == first.webhook_url


def test_credentials_of_another_account_are_no_change(telegram: TelegramServer) -> None:
    row = attach(make_bot(), "1:a")
    with pytest.raises(IntegrationRefused, match="another account"):
        integrations.change(row, {"token": "2:b"}, enabled=True)
    assert TelegramBot.objects.get().token == "1:a"
    assert row.token == "1:a"


def test_disabling_removes_the_webhook_and_enabling_sets_it(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    integrations.change(row, {}, enabled=False)
    assert telegram.webhook(TOKEN)["url"] == ""
    integrations.change(row, {}, enabled=True)
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url


def test_a_bot_that_was_renamed_at_telegram_can_be_added_again(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    integrations.detach(bot, "telegram")
    telegram.rename(TOKEN, "brand_new_bot")
    row = attach(make_bot())
    assert row.user_api.username == "brand_new_bot"
    assert TelegramUser.objects.count() == 1


def test_detaching_removes_webhook_and_row(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    integrations.detach(bot, "telegram")
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not TelegramBot.objects.exists()
    assert Bot.objects.get().telegram_bot is None


def test_detaching_what_is_not_connected_does_nothing() -> None:
    bot = make_bot()
    integrations.detach(bot, "telegram")
    assert bot.telegram_bot is None


def test_a_removal_that_telegram_did_not_answer_is_kept_and_tried_again(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="deleteWebhook", count=1))
    integrations.detach(bot, "telegram")
    assert removals.finish() == 0
    row = TelegramBot.objects.get()
    assert row.status == "removing"
    assert row.last_error
    assert removals.finish() == 0
    five_minutes_pass()
    assert removals.finish() == 1
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not TelegramBot.objects.exists()


def test_an_account_that_is_being_removed_can_be_connected_again(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="deleteWebhook", count=1))
    integrations.detach(bot, "telegram")
    removals.finish()
    row = attach(bot)
    five_minutes_pass()
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url
    assert list(TelegramBot.objects.all()) == [row]


def test_a_row_whose_token_was_revoked_is_removed_all_the_same(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    telegram.revoke(TOKEN)
    integrations.detach(bot, "telegram")
    removals.finish()
    assert not TelegramBot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_process_left_half_connected_is_taken_back(telegram: TelegramServer) -> None:
    """A process that hangs stands for a dead one: neither comes to its end before the sweep takes its row."""
    telegram.add_fault(Fault(FaultKind.HANG, method="setWebhook", seconds=2.0, count=1))
    with ThreadPoolExecutor(1) as pool:
        bot = make_bot()
        connecting = pool.submit(in_thread, attach, bot)
        while not TelegramBot.objects.filter(account__isnull=False).exists():
            time.sleep(0.01)
        assert removals.finish() == 0
        TelegramBot.objects.update(updated_at=timezone.now() - timedelta(hours=1))
        assert removals.finish() == 1
        assert isinstance(connecting.exception(), IntegrationRefused)


def five_minutes_pass() -> None:
    TelegramBot.objects.filter(removal_due__isnull=False).update(removal_due=Now())


def in_thread(action: Any, *args: Any) -> Any:
    try:
        return action(*args)
    finally:
        connection.close()


def test_deleting_a_bot_removes_its_webhook(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    bot.delete()
    assert removals.finish() == 1
    assert telegram.webhook(TOKEN)["url"] == ""


def test_a_new_webhook_keeps_the_secret_before(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    before = row.webhook_secret
    row.connect()
    assert row.previous_webhook_secret == before
    assert telegram.webhook(TOKEN)["secret"] == row.webhook_secret != before


def test_what_the_provider_refused_last_is_kept_until_it_succeeds(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="setWebhook", count=1))
    with pytest.raises(IntegrationRefused):
        integrations.change(row, {}, enabled=True)
    assert TelegramBot.objects.get().last_error
    integrations.change(row, {}, enabled=True)
    assert TelegramBot.objects.get().last_error == ""


def test_a_bot_that_is_polled_gets_no_webhook(telegram: TelegramServer) -> None:
    bot = make_bot()
    row = integrations.attach(bot, "telegram", {"token": TOKEN}, webhook=False)
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url == ""
    assert bot.integrations() == [row]
