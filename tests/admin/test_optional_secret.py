"""A secret that an account can do without: Messenger's app secret can be removed in the admin, on purpose only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.admin.integration_form import BOTH, DEAF
from permabots.models import Bot, MessengerBot
from permabots.testing import MessengerServer
from tests.admin.conftest import Browser, errors
from tests.pipeline.conftest import DOMAIN

pytestmark = [pytest.mark.django_db(transaction=True)]

SECRET = "an-app-secret-of-facebook"
BOX = 'name="remove_app_secret"'


@pytest.fixture
def messenger(settings: Any) -> Iterator[MessengerServer]:
    with MessengerServer() as server:
        settings.PERMABOTS = {"MESSENGER_API_URL": server.url, "WEBHOOK_DOMAIN": DOMAIN}
        yield server


@pytest.fixture
def page(owner: Browser, bot: Bot, messenger: MessengerServer) -> MessengerBot:
    """The bot's page on Messenger, connected in the admin."""
    answer = owner.post("messengerbot_add", bot=bot.pk, token="page-token", app_secret=SECRET, enabled="on")
    assert answer.status_code == 302, errors(answer)
    row: MessengerBot = MessengerBot.objects.get()
    return row


def change(owner: Browser, page: MessengerBot, **values: Any) -> Any:
    return owner.post("messengerbot_change", page.pk, **{"token": "", "app_secret": "", "enabled": "on", **values})


def test_an_empty_field_keeps_the_secret(owner: Browser, page: MessengerBot) -> None:
    assert change(owner, page).status_code == 302
    page.refresh_from_db()
    assert page.app_secret == SECRET


def test_a_tick_removes_it(owner: Browser, bot: Bot, page: MessengerBot) -> None:
    assert change(owner, page, remove_app_secret="on").status_code == 302
    page.refresh_from_db()
    assert (page.app_secret, page.token) == ("", "page-token")
    assert "app_secret missing" in owner.read("bot_change", bot.pk)
    assert "Remove the app secret" in owner.read("messengerbot_history", page.pk)


def test_the_page_says_what_comes_of_it(owner: Browser, page: MessengerBot) -> None:
    source = owner.read("messengerbot_change", page.pk)
    assert (BOX in source, DEAF in source, SECRET in source) == (True, True, False)


def test_a_tick_beside_a_new_secret_is_refused_at_its_box(owner: Browser, page: MessengerBot) -> None:
    answer = change(owner, page, app_secret="another", remove_app_secret="on")
    assert errors(answer) == {"remove_app_secret": [BOTH]}
    page.refresh_from_db()
    assert page.app_secret == SECRET


def test_where_none_is_stored_none_can_be_removed(owner: Browser, page: MessengerBot) -> None:
    MessengerBot.objects.update(app_secret="")
    assert "None is stored." in owner.read("messengerbot_change", page.pk)
    assert change(owner, page, remove_app_secret="on", app_secret="another").status_code == 302
    page.refresh_from_db()
    assert page.app_secret == "another"


def test_a_first_secret_that_is_refused_is_told_and_not_stored(
    owner: Browser, page: MessengerBot, messenger: MessengerServer
) -> None:
    MessengerBot.objects.update(app_secret="")
    messenger.revoke("page-token")
    assert "Messenger refused this account" in str(errors(change(owner, page, app_secret="first"))["__all__"])
    page.refresh_from_db()
    assert page.app_secret == ""


@pytest.mark.parametrize("where", ["messengerbot_add", "telegrambot_add", "kikbot_add"])
def test_a_new_account_has_nothing_to_remove(owner: Browser, bot: Bot, where: str) -> None:
    assert 'name="remove_' not in owner.read(where, bot=bot.pk)
