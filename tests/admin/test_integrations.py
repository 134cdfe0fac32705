"""Connecting bots to messengers in the admin: the provider is asked, and no secret is shown."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection

from permabots.models import Bot, IntegrationBot, TelegramBot
from permabots.models.registry import model_of, providers
from permabots.pipeline.authoring import removals
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.admin.conftest import Browser, errors
from tests.factories import make_bot, make_telegram
from tests.pipeline.conftest import DOMAIN

pytestmark = [pytest.mark.django_db(transaction=True)]

TOKEN = "4242:a-secret-token"


@pytest.fixture
def connected(owner: Browser, bot: Bot, telegram: TelegramServer) -> Any:
    """The bot's account, connected in the admin."""
    answer = owner.post("telegrambot_add", bot=bot.pk, token=TOKEN, enabled="on")
    assert answer.status_code == 302, errors(answer)
    owner.read("bot_changelist")  # what was said about it is read
    return TelegramBot.objects.get()


def test_a_bot_is_connected(owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any) -> None:
    assert Bot.objects.get().telegram_bot == connected
    assert telegram.webhook(TOKEN)["url"] == f"{DOMAIN}/processing/telegrambot/{connected.pk}/"
    assert "telegram fake_4242_bot" in owner.read("telegrambot_changelist")
    assert "Added" in owner.read("telegrambot_history", connected.pk)


def test_the_row_is_committed_before_the_provider_is_asked(
    owner: Browser, bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    ask = IntegrationBot.client

    def look(row: IntegrationBot) -> Any:
        inside.append(connection.in_atomic_block)
        return ask(row)

    monkeypatch.setattr(IntegrationBot, "client", look)
    owner.post("telegrambot_add", bot=bot.pk, token=TOKEN, enabled="on")
    assert set(inside) == {False}


def test_no_page_shows_the_token(owner: Browser, bot: Bot, connected: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sources = [
        owner.read("telegrambot_changelist"),
        owner.read("telegrambot_change", connected.pk),
        owner.read("telegrambot_delete", connected.pk),
        owner.read("telegrambot_history", connected.pk),
        owner.read("bot_change", bot.pk),
        owner.post("telegrambot_change", connected.pk, token="no").content.decode(),
    ]
    assert not [source for source in [*sources, caplog.text] if "secret-token" in source]
    assert "••••oken" in sources[1]
    assert connected.webhook_secret not in "".join(sources)


def test_a_refused_token_is_told_and_leaves_nothing(owner: Browser, bot: Bot, telegram: TelegramServer) -> None:
    answer = owner.post("telegrambot_add", bot=bot.pk, token="1:REJECT", enabled="on")
    assert "Telegram refused this account: Unauthorized" in str(errors(answer)["__all__"])
    assert "1:REJECT" not in answer.content.decode()
    assert not TelegramBot.objects.exists()
    assert Bot.objects.get().telegram_bot is None


def test_what_cannot_be_a_token_is_refused_unasked(owner: Browser, bot: Bot, telegram: TelegramServer) -> None:
    answer = owner.post("telegrambot_add", bot=bot.pk, token="no", enabled="on")
    assert errors(answer) == {"token": ["This is not a valid token."]}
    assert telegram.calls() == []


def test_no_webhook_domain_is_told(owner: Browser, bot: Bot, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "WEBHOOK_DOMAIN": "http://bots.example.com"}
    answer = owner.post("telegrambot_add", bot=bot.pk, token=TOKEN, enabled="on")
    assert "must be https" in str(errors(answer)["__all__"])
    assert not TelegramBot.objects.exists()


def test_an_account_that_serves_another_bot_is_told(owner: Browser, bot: Bot, connected: Any) -> None:
    other = make_bot(owner=bot.owner, name="other")
    answer = owner.post("telegrambot_add", bot=other.pk, token=TOKEN, enabled="on")
    assert "serves a bot already" in str(errors(answer)["__all__"])
    assert TelegramBot.objects.count() == 1


def test_another_account_replaces_the_first(owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any) -> None:
    assert owner.post("telegrambot_add", bot=bot.pk, token="2:b", enabled="on").status_code == 302
    removals.finish()
    assert [row.account for row in TelegramBot.objects.all()] == ["2"]
    assert telegram.webhook(TOKEN)["url"] == ""


def test_a_disabled_account_has_no_webhook_and_its_token_stays(
    owner: Browser, telegram: TelegramServer, connected: Any
) -> None:
    assert owner.post("telegrambot_change", connected.pk, token="").status_code == 302
    connected.refresh_from_db()
    assert (connected.enabled, connected.token) == (False, TOKEN)
    assert telegram.webhook(TOKEN)["url"] == ""


def test_a_revoked_token_is_replaced(owner: Browser, telegram: TelegramServer, connected: Any) -> None:
    telegram.revoke(TOKEN)
    assert "__all__" in errors(owner.post("telegrambot_change", connected.pk, token="", enabled="on"))
    assert owner.post("telegrambot_change", connected.pk, token="4242:new", enabled="on").status_code == 302
    connected.refresh_from_db()
    assert connected.token == "4242:new"


def test_the_token_of_another_account_is_told(owner: Browser, telegram: TelegramServer, connected: Any) -> None:
    answer = owner.post("telegrambot_change", connected.pk, token="2:b", enabled="on")
    assert "belong to another account" in str(errors(answer)["__all__"])
    connected.refresh_from_db()
    assert connected.token == TOKEN


def test_a_deleted_account_is_disconnected(owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any) -> None:
    owner.post("telegrambot_delete", connected.pk, post="yes")
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert Bot.objects.get().telegram_bot is None
    assert not TelegramBot.objects.exists()


def test_accounts_deleted_from_the_list_are_disconnected(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any
) -> None:
    values = {"action": "delete_selected", "_selected_action": [connected.pk], "post": "yes"}
    owner.post("telegrambot_changelist", **values)
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not TelegramBot.objects.exists()


def test_an_account_that_is_being_removed_is_shown_to_superusers(root: Browser, telegram: TelegramServer) -> None:
    row = make_telegram(token="9:z")
    row.bot.delete()
    assert "it is being removed" in root.read("telegrambot_changelist")
    root.read("telegrambot_change", row.pk)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="getWebhookInfo"))
    root.post("telegrambot_delete", row.pk, post="yes")
    removals.finish()
    assert TelegramBot.objects.get().status == "removing"
    telegram.clear_faults()
    root.post("telegrambot_delete", row.pk, post="yes")
    removals.finish()
    assert not TelegramBot.objects.exists()


def test_a_deleted_bot_loses_its_webhook(owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any) -> None:
    owner.post("bot_delete", bot.pk, post="yes")
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not Bot.objects.exists()
    assert not TelegramBot.objects.exists()


def test_bots_deleted_from_the_list_lose_their_webhooks(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any
) -> None:
    owner.post("bot_changelist", action="delete_selected", _selected_action=[bot.pk], post="yes")
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not Bot.objects.exists()


# --- actions ----------------------------------------------------------------------------------------------------------

LISTS = ["bot_changelist", "telegrambot_changelist"]


@pytest.mark.parametrize("page", LISTS)
def test_a_webhook_is_removed_checked_and_set(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any, page: str
) -> None:
    row = bot if page.startswith("bot") else connected
    who, address = "shop, telegram fake_4242_bot", connected.webhook_url
    assert owner.act(page, "remove_webhooks", row) == [f"{who}: webhook removed."]
    assert owner.act(page, "check_webhooks", row) == [f"{who}: no webhook, 0 waiting there."]
    assert owner.act(page, "set_webhooks", row) == [f"{who}: webhook set to {address}."]
    assert owner.act(page, "check_webhooks", row) == [f"{who}: {address}, 0 waiting there."]
    assert telegram.webhook(TOKEN)["url"] == address


@pytest.mark.parametrize("page", LISTS)
def test_accounts_are_disabled_and_enabled(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any, page: str
) -> None:
    row = bot if page.startswith("bot") else connected
    owner.act(page, "disable_accounts", row)
    assert owner.act(page, "set_webhooks", row)[0].endswith("disabled, so it has no webhook.")
    assert telegram.webhook(TOKEN)["url"] == ""
    owner.act(page, "enable_accounts", row)
    assert telegram.webhook(TOKEN)["url"] != ""


def test_one_account_that_fails_keeps_no_other_from_its_turn(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any
) -> None:
    broken = make_telegram(make_bot(owner=bot.owner, name="broken"), token="1:revoked")
    telegram.revoke("1:revoked")
    said = owner.act("telegrambot_changelist", "check_webhooks", connected, broken)
    assert sorted(line.partition(":")[2][:14] for line in said) == [" Unauthorized", f" {connected.webhook_url}"[:14]]


def test_a_webhook_elsewhere_and_its_trouble_are_told(
    owner: Browser, bot: Bot, telegram: TelegramServer, connected: Any
) -> None:
    connected.client().set_webhook("https://elsewhere.example.com/", "another-program")
    (said,) = owner.act("bot_changelist", "check_webhooks", bot)
    assert "not the address that this project gave it" in said


def test_a_bot_without_accounts_is_told(owner: Browser, bot: Bot) -> None:
    said = owner.act("bot_changelist", "set_webhooks", bot)
    assert said == ["None of these is connected to a messenger."]


def test_a_host_that_wraps_requests_in_transactions_does_not_wrap_these() -> None:
    """A provider is asked by these pages, and never while a transaction is open."""
    tables = {model_of(slug) for slug in providers()} | {Bot}
    routes = [route for table in tables for route in admin.site.get_model_admin(table).get_urls()]
    asking = [route for route in routes if str(route.name).endswith(("_add", "_change", "_delete", "_changelist"))]
    assert len(asking) == 4 * len(tables)
    assert all("default" in route.callback._non_atomic_requests for route in asking)
