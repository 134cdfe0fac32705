"""Connecting a bot to a provider, by the API."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from permabots.models import Bot, IntegrationBot, MessengerBot, TelegramBot
from permabots.pipeline.authoring import removals
from permabots.providers.base.contract import Credentials
from permabots.providers.telegram.provider import Telegram
from permabots.serializers.integration import (
    credential_columns,
    integration_change_serializer,
    integration_serializer,
    tables,
)
from permabots.testing import Fault, FaultKind, TelegramServer
from permabots.urls_api import urlpatterns
from permabots.views.api.base import OwnedViewSet
from tests.api.conftest import Api
from tests.pipeline.conftest import DOMAIN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TOKEN = "4242:a-secret-token"
ERROR = "Telegram Error. Check Telegram token or try later."


def connect(api: Api, base: str, token: str = TOKEN) -> str:
    answer = api.post(f"{base}telegram/", {"token": token})
    assert answer.status_code == 201, answer.content
    return f"{base}telegram/{answer.json()['id']}/"


def test_the_answer_of_a_new_account_has_its_version(api: Api, base: str, telegram: TelegramServer) -> None:
    made = api.post(f"{base}telegram/", {"token": TOKEN})
    assert made.headers["ETag"] == api.get(f"{base}telegram/{made.json()['id']}/").headers["ETag"]


def test_a_bot_is_connected_and_shown_with_its_account(api: Api, base: str, telegram: TelegramServer) -> None:
    made = api.post(f"{base}telegram/", {"token": TOKEN}).json()
    assert (made["token"], made["enabled"], made["info"]["username"]) == ("••••oken", True, "fake_4242_bot")
    assert telegram.webhook(TOKEN)["url"] == f"{DOMAIN}/processing/telegrambot/{made['id']}/"
    assert api.get(f"{base}telegram/").json() == api.get(f"{base}telegram/{made['id']}/").json() == made
    assert api.get(base).json()["telegram_bot"] == made


def test_a_bot_without_an_account_has_none(api: Api, base: str) -> None:
    assert api.get(f"{base}telegram/").status_code == 404
    assert api.get(base).json()["telegram_bot"] is None


def test_a_refused_token_is_told_and_leaves_nothing(
    api: Api, base: str, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = api.post(f"{base}telegram/", {"token": "1:REJECT"})
    assert (answer.status_code, answer.json()["error"]) == (400, ERROR)
    assert "Unauthorized" in answer.json()["reason"]
    assert not TelegramBot.objects.exists()
    assert "REJECT" not in caplog.text + answer.content.decode()


def test_no_webhook_domain_is_told(api: Api, base: str, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "WEBHOOK_DOMAIN": "http://bots.example.com"}
    answer = api.post(f"{base}telegram/", {"token": TOKEN})
    assert (answer.status_code, "https" in answer.json()["reason"]) == (400, True)
    assert not TelegramBot.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"), [({}, "token"), ({"token": "no"}, "token"), ({"token": TOKEN, "enabled": None}, "enabled")]
)
def test_what_cannot_be_a_token_is_refused_unasked(
    api: Api, base: str, telegram: TelegramServer, body: dict[str, object], field: str
) -> None:
    answer = api.post(f"{base}telegram/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert telegram.calls() == []


def test_a_second_account_replaces_the_first(api: Api, base: str, telegram: TelegramServer) -> None:
    first = connect(api, base, "1:a")
    second = connect(api, base, "2:b")
    assert (api.get(first).status_code, api.get(second).status_code) == (404, 200)
    removals.finish()
    assert telegram.webhook("1:a")["url"] == ""


def test_the_same_account_serves_one_bot(api: Api, base: str, telegram: TelegramServer) -> None:
    connect(api, base)
    other = api.post("bots/", {"name": "other"}).json()["id"]
    answer = api.post(f"bots/{other}/telegram/", {"token": TOKEN})
    assert (answer.status_code, "serves a bot already" in answer.json()["reason"]) == (400, True)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_account_is_disabled_and_enabled(api: Api, base: str, telegram: TelegramServer, method: str) -> None:
    path = connect(api, base)
    assert api(method, path, {"enabled": False}).json()["enabled"] is False
    assert telegram.webhook(TOKEN)["url"] == ""
    assert api(method, path, {"enabled": True}).json()["enabled"] is True
    assert telegram.webhook(TOKEN)["url"] != ""


def test_put_wants_to_know_whether_it_is_enabled_and_patch_does_not(
    api: Api, base: str, telegram: TelegramServer
) -> None:
    path = connect(api, base)
    assert api.put(path, {}).json() == {"enabled": ["This field is required."]}
    assert api.patch(path, {}).json()["enabled"] is True


def test_a_revoked_token_is_replaced_in_place(api: Api, base: str, telegram: TelegramServer) -> None:
    path = connect(api, base, "1:old")
    telegram.revoke("1:old")
    assert api.patch(path, {"enabled": True}).json()["error"] == ERROR
    assert api.patch(path, {"token": "1:new"}).status_code == 200
    assert telegram.webhook("1:new")["url"] != ""


def test_another_accounts_token_is_no_change(api: Api, base: str, telegram: TelegramServer) -> None:
    path = connect(api, base, "1:a")
    answer = api.put(path, {"token": "2:b", "enabled": True})
    assert (answer.status_code, "another account" in answer.json()["reason"]) == (400, True)
    assert TelegramBot.objects.get().token == "1:a"


def test_a_disconnected_bot_has_no_webhook(api: Api, base: str, telegram: TelegramServer) -> None:
    assert api.delete(connect(api, base)).status_code == 204
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert api.get(base).json()["telegram_bot"] is None


def test_a_webhook_that_cannot_be_removed_now_is_removed_later(api: Api, base: str, telegram: TelegramServer) -> None:
    path = connect(api, base)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="getWebhookInfo"))
    assert api.delete(path).status_code == 204
    assert TelegramBot.objects.get().status == "removing"


def test_a_deleted_bot_has_no_webhook(api: Api, base: str, telegram: TelegramServer) -> None:
    connect(api, base)
    assert api.delete(base).status_code == 204
    removals.finish()
    assert telegram.webhook(TOKEN)["url"] == ""
    assert not Bot.objects.exists()
    assert not TelegramBot.objects.exists()


def test_status_is_what_the_provider_says(api: Api, base: str, telegram: TelegramServer) -> None:
    path = connect(api, base)
    status = api.get(f"{path}status/").json()
    assert status["url"] == status["expected_url"] == telegram.webhook(TOKEN)["url"]
    assert (status["pending"], status["last_error"], status["refused"]) == (0, "", "")
    assert (status["account"], status["authenticated"]) == ("4242", True)


def test_status_of_a_refused_account_says_so(api: Api, base: str, telegram: TelegramServer) -> None:
    path = connect(api, base)
    telegram.revoke(TOKEN)
    answer = api.get(f"{path}status/")
    assert (answer.status_code, answer.json()["error"]) == (400, ERROR)


class Trusting(Telegram):
    """A provider that can prove a call only where it has a secret."""

    def can_verify(self, credentials: Credentials) -> bool:
        return credentials["webhook_secret"] != ""


def test_status_says_whether_calls_can_be_proved(
    api: Api, base: str, bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    """There is a secret once an account is connected."""
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": [f"{__name__}.Trusting"]}
    row = bot.telegram_bot = TelegramBot.objects.create(token=TOKEN)
    bot.save()
    told = []
    for _ in range(2):
        status = api.get(f"{base}telegram/{row.pk}/status/").json()
        told.append((status["account"], status["authenticated"]))
        row.connect()
    assert told == [(None, False), ("4242", True)]


def test_a_credential_that_is_write_only_is_taken_and_never_shown(bot: Bot) -> None:
    form = integration_serializer(MessengerBot)
    body = {"token": "page", "app_secret": "the app's own"}
    refused = form(data=body | {"page_id": "12", "account": "12"})
    assert not refused.is_valid()
    assert set(refused.errors) == {"page_id", "account"}
    taken = form(data=body)
    assert taken.is_valid(), taken.errors
    assert dict(taken.validated_data) == {"token": "page", "app_secret": "the app's own"}
    row = MessengerBot.objects.create(**taken.validated_data)
    assert set(form(row).data) == {"id", "created_at", "updated_at", "token", "enabled"}
    change = integration_change_serializer(MessengerBot)
    changed = change(row, data={"enabled": True, "app_secret": "another"})
    assert changed.is_valid(), changed.errors
    assert dict(changed.validated_data) == {"enabled": True, "app_secret": "another"}
    assert "app_secret" not in change(row).data


@pytest.mark.parametrize("table", tables().values())
def test_what_is_write_only_is_a_credential(table: type[IntegrationBot]) -> None:
    assert set(table.WRITE_ONLY) <= set(credential_columns(table))


def test_the_bot_shows_no_write_only_credential(api: Api, bot: Bot, base: str) -> None:
    bot.messenger_bot = MessengerBot.objects.create(token="page", app_secret="the app's own")
    bot.save()
    answer = api.get(base)
    assert answer.json()["messenger_bot"]["token"] == "••••"
    assert "the app's own" not in answer.content.decode()


def test_a_host_that_wraps_requests_in_transactions_does_not_wrap_these() -> None:
    """A provider is asked, and a bot's webhooks are removed after the commit."""
    views = [route.callback for route in urlpatterns if issubclass(route.callback.cls, OwnedViewSet)]
    assert len(views) > 20
    assert all("default" in view._non_atomic_requests for view in views)
