"""Secrets in the REST API: they are written, answered as masks, and kept by a client that sends the mask back."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, EnvironmentVar, MessengerBot, TelegramBot
from permabots.security.masks import DOTS
from permabots.serializers.configuration import REVEALS
from permabots.serializers.secrets import MASK
from tests.api.conftest import Api, StandIns

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TOKEN = "4242:a-secret-token"
SHOWN = f"{DOTS}oken"
OTHER = f"{DOTS}abcd"


@pytest.fixture
def account(api: Api, base: str, standins: StandIns) -> str:
    """The path of an account at Telegram."""
    made = api.post(f"{base}telegram/", {"token": TOKEN})
    assert (made.status_code, made.json()["token"]) == (201, SHOWN)
    return f"{base}telegram/{made.json()['id']}/"


def answers(api: Api, base: str, path: str) -> str:
    """Everything that the API says of an account."""
    return "".join(api.get(it).content.decode() for it in (path, f"{base}telegram/", base, "bots/", f"{path}status/"))


def test_a_credential_is_a_mask_in_every_answer(api: Api, base: str, account: str) -> None:
    assert TOKEN not in answers(api, base, account)
    assert TOKEN not in api.post(f"{base}telegram/", {"token": f"{TOKEN} "}).content.decode()


@pytest.mark.parametrize(("method", "more"), [("PUT", {}), ("PATCH", {"enabled": False})])
def test_the_mask_sent_back_keeps_the_credential(
    api: Api, base: str, account: str, method: str, more: dict[str, Any]
) -> None:
    body = {**api.get(account).json(), **more}
    assert api(method, account, body).status_code == 200
    row = TelegramBot.objects.get()
    assert (row.token, row.enabled) == (TOKEN, body["enabled"])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_another_mask_is_refused(api: Api, base: str, account: str, method: str) -> None:
    answer = api(method, account, {"token": OTHER, "enabled": True})
    assert (answer.status_code, answer.json()) == (400, {"token": [MASK]})
    assert api.post(f"{base}telegram/", {"token": SHOWN}).json() == {"token": [MASK]}
    assert TelegramBot.objects.get().token == TOKEN


def test_what_is_no_secret_is_shown(api: Api, base: str, standins: StandIns) -> None:
    answer = api.post(f"{base}kik/", {"username": "shopbot", "api_key": "gold-1-key-of-kik"})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["username"], answer.json()["api_key"]) == ("shopbot", f"{DOTS}-kik")
    page = api.post(f"{base}messenger/", {"token": "page", "app_secret": "the app's own"}).json()
    assert (page["token"], "app_secret" in page) == (DOTS, False)
    assert MessengerBot.objects.get().app_secret == "the app's own"


def test_the_setting_brings_back_what_2_2_3_answered(api: Api, base: str, account: str, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "API_SHOWS_SECRETS": True}
    assert api.get(account).json()["token"] == TOKEN
    variable = api.post(f"{base}env/", {"key": "key", "value": "a value of its own", "secret": True}).json()
    assert variable["value"] == "a value of its own"
    assert api.patch(f"{base}env/{variable['id']}/", {"secret": False}).json()["secret"] is False


# --- variables --------------------------------------------------------------------------------------------------------

VALUE = "a-secret-of-the-bot"


@pytest.fixture
def variable(api: Api, base: str) -> str:
    """The path of a secret variable."""
    made = api.post(f"{base}env/", {"key": "key", "value": VALUE, "secret": True})
    assert (made.status_code, made.json()["value"]) == (201, f"{DOTS}-bot")
    return f"{base}env/{made.json()['id']}/"


def test_a_secret_variable_is_a_mask_in_every_answer_and_another_is_shown(api: Api, base: str, variable: str) -> None:
    api.post(f"{base}env/", {"key": "plain", "value": f"{DOTS} no secret"})
    assert [it["value"] for it in api.get(f"{base}env/").json()] == [f"{DOTS}-bot", f"{DOTS} no secret"]
    assert api.get(variable).json()["value"] == f"{DOTS}-bot"


@pytest.mark.parametrize(
    ("method", "body", "stored"),
    [
        ("PUT", {"key": "new", "value": f"{DOTS}-bot", "secret": True}, VALUE),
        ("PATCH", {"value": f"{DOTS}-bot"}, VALUE),
        ("PATCH", {"key": "new"}, VALUE),
        ("PATCH", {"value": "another"}, "another"),
        ("PUT", {"key": "new", "value": "shown from now on", "secret": False}, "shown from now on"),
    ],
)
def test_what_is_stored_after_a_change(api: Api, variable: str, method: str, body: dict[str, Any], stored: str) -> None:
    assert api(method, variable, body).status_code == 200
    assert EnvironmentVar.objects.get().value == stored


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        ("PATCH", {"secret": False}, {"secret": [REVEALS]}),
        ("PUT", {"key": "key", "value": f"{DOTS}-bot", "secret": False}, {"secret": [REVEALS]}),
        ("PATCH", {"value": OTHER}, {"value": [MASK]}),
        ("PUT", {"key": "key", "value": OTHER, "secret": True}, {"value": [MASK]}),
    ],
)
def test_what_is_refused(api: Api, variable: str, method: str, body: dict[str, Any], said: dict[str, Any]) -> None:
    answer = api(method, variable, body)
    assert (answer.status_code, answer.json()) == (400, said)
    assert EnvironmentVar.objects.get().value == VALUE


def test_a_mask_begins_no_secret(api: Api, base: str, bot: Bot) -> None:
    answer = api.post(f"{base}env/", {"key": "k", "value": OTHER, "secret": True})
    assert (answer.status_code, answer.json()) == (400, {"value": [MASK]})
    row = EnvironmentVar.objects.create(bot=bot, key="plain", value="seen")
    assert api.patch(f"{base}env/{row.pk}/", {"secret": True, "value": OTHER}).json() == {"value": [MASK]}
