"""Removing accounts: by workers, a few at a time, however long a provider takes."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from permabots import tasks
from permabots.database import atomic
from permabots.exceptions import IntegrationRefused
from permabots.models import Bot, TelegramBot
from permabots.pipeline.authoring import integrations, removals
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_bot, make_user
from tests.pipeline.test_integrations import TOKEN, attach, five_minutes_pass

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def calls(telegram: TelegramServer, start: int = 0) -> list[str]:
    return [call.method for call in telegram.calls(start)]


def delete(bot: Bot, row: TelegramBot | None = None) -> int:
    url = reverse("api:bot-telegram-detail", args=[bot.pk, row.pk]) if row else reverse("api:bot-detail", args=[bot.pk])
    token, _ = Token.objects.get_or_create(user=bot.owner)
    headers = {"Authorization": f"Token {token.key}"}
    return int(Client().delete(url, headers=headers).status_code)


@pytest.mark.parametrize("what", ["bot", "account"])
def test_a_request_that_removes_an_account_asks_no_provider(telegram: TelegramServer, what: str) -> None:
    bot = make_bot()
    row = attach(bot)
    before = len(telegram.calls())
    assert delete(bot, row if what == "account" else None) == 204
    assert calls(telegram, before) == []
    tasks.remove_accounts()
    assert telegram.webhook(TOKEN)["url"] == ""


def test_a_request_that_replaces_an_account_does_not_ask_for_the_old_one(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot, "1:old")
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, bot=1))
    attach(bot, "2:new")
    telegram.clear_faults()
    tasks.remove_accounts()
    assert telegram.webhook("1:old")["url"] == ""


def test_a_sweep_asks_no_provider(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    bot.delete()
    before = len(telegram.calls())
    tasks.sweep()
    assert calls(telegram, before) == []


def test_a_bot_is_gone_when_its_deletion_is_answered_though_a_worker_was_faster(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    worker = removed_at_once()
    try:
        assert delete(bot) == 204
    finally:
        worker()
    assert not TelegramBot.objects.exists()


def removed_at_once() -> Any:
    """Have accounts removed as soon as they are let go and committed."""
    from celery import current_app  # noqa: PLC0415

    current_app.conf.task_always_eager = True

    def undo() -> None:
        current_app.conf.task_always_eager = False

    return undo


def many(telegram: TelegramServer, number: int) -> None:
    """Have so many accounts that nobody can remove: Telegram says nothing of use about them."""
    owner = make_user()
    for place in range(number):
        attach(make_bot(owner=owner), f"{place + 1}:token")
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="getWebhookInfo"))
    Bot.objects.all().delete()


def test_what_is_not_answered_holds_up_a_worker_a_few_times_only(telegram: TelegramServer) -> None:
    many(telegram, 8)
    before = len(telegram.calls())
    for _ in range(3):
        tasks.remove_accounts()
    assert calls(telegram, before) == ["getWebhookInfo"] * removals.MAX_WITHOUT_ANSWER


def test_every_account_gets_its_turn(telegram: TelegramServer) -> None:
    many(telegram, 8)
    tasks.remove_accounts()
    five_minutes_pass()
    before = len(telegram.calls())
    tasks.remove_accounts()
    asked = {call.bot for call in telegram.calls(before)}
    assert {6, 7, 8} <= asked


def test_of_two_workers_that_claim_an_account_at_the_same_moment_one_gets_it(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    bot.delete()
    claimed = threading.Event()

    def claim(seconds: float) -> Any:
        with closing(connection), atomic():
            found = removals._claim(TelegramBot)
            claimed.set()
            time.sleep(seconds)
            return found

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(claim, 0.3)
        claimed.wait(10)
        second = pool.submit(claim, 0.0)  # its statement begins before the first one's transaction ends
        assert (first.result() is None, second.result()) == (False, None)


def test_one_account_is_removed_by_one_worker(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    bot.delete()
    telegram.add_fault(Fault(FaultKind.SLOW, method="getWebhookInfo", seconds=0.5, count=1))
    with ThreadPoolExecutor(3) as pool:
        gone = list(pool.map(lambda _: finish(), range(3)))
    assert sorted(gone) == [0, 0, 1]
    assert calls(telegram).count("deleteWebhook") == 1


def finish() -> int:
    try:
        return removals.finish()
    finally:
        connection.close()


def test_a_page_that_is_connected_again_keeps_its_subscription(telegram: TelegramServer) -> None:
    """Also where the provider does not say where a webhook points: it is the new one's then."""
    bot = make_bot()
    attach(bot)
    integrations.detach(bot, "telegram")
    row = attach(bot)
    tasks.remove_accounts()
    assert list(TelegramBot.objects.all()) == [row]
    assert "deleteWebhook" not in calls(telegram)
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url


# --- two at once ------------------------------------------------------------------------------------------------------


def attach_in_thread(bot: Bot, token: str) -> Any:
    try:
        return attach(bot, token)
    finally:
        connection.close()


def test_of_two_accounts_attached_at_once_one_is_the_bots_and_the_other_is_removed(telegram: TelegramServer) -> None:
    bot = make_bot()
    telegram.add_fault(Fault(FaultKind.SLOW, method="setWebhook", seconds=0.3, count=2))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attach_in_thread, [bot, bot], ["1:a", "2:b"]))
    tasks.remove_accounts()
    row = TelegramBot.objects.get()
    assert Bot.objects.get().telegram_bot == row
    assert {telegram.webhook(token)["url"] for token in ("1:a", "2:b")} == {"", row.webhook_url}
    assert attach(make_bot(), "1:a" if row.token == "2:b" else "2:b").status == "connected"


@pytest.mark.parametrize("leave", ["bot given another", "bot given none"])
def test_an_account_that_no_bot_has_can_be_attached(telegram: TelegramServer, leave: str) -> None:
    bot = make_bot()
    old = attach(bot, "1:a")
    bot = Bot.objects.get()
    bot.telegram_bot = None if leave == "bot given none" else TelegramBot.objects.create(token="2:b")
    bot.save()
    row = attach(make_bot(), "1:a")
    tasks.remove_accounts()
    assert row != old
    assert telegram.webhook("1:a")["url"] == row.webhook_url
    assert not TelegramBot.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("token", [TOKEN, "4242:new-token"])
def test_attaching_a_polled_account_again_leaves_it_polled(telegram: TelegramServer, token: str) -> None:
    bot = make_bot()
    for given in (TOKEN, token):
        integrations.attach(bot, "telegram", {"token": given}, webhook=False)
    assert "setWebhook" not in calls(telegram)
    assert TelegramBot.objects.get().token == token


def test_an_account_attached_while_its_bot_is_being_deleted_is_removed_with_it(telegram: TelegramServer) -> None:
    """Whoever deletes has read the bot before the account was its own."""
    bot = make_bot()
    read_before = Bot.objects.get(pk=bot.pk)
    attach(bot)
    read_before.delete()
    tasks.remove_accounts()
    assert not TelegramBot.objects.exists()
    assert telegram.webhook(TOKEN)["url"] == ""


def test_an_account_whose_bot_was_deleted_meanwhile_is_not_attached_to_nobody(telegram: TelegramServer) -> None:
    bot = make_bot()
    Bot.objects.get(pk=bot.pk).delete()
    with pytest.raises(Bot.DoesNotExist):
        attach(bot)
    tasks.remove_accounts()
    assert not TelegramBot.objects.exists()


def test_a_refused_webhook_says_that_the_rest_is_saved(telegram: TelegramServer) -> None:
    bot = make_bot()
    row = attach(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="deleteWebhook"))
    with pytest.raises(IntegrationRefused, match="the webhook alone, and all else is saved"):
        integrations.change(row, {}, enabled=False)
    assert not TelegramBot.objects.get().enabled
