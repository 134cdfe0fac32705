"""The system's browser before the admin of a site: a real server with a strict policy, PostgreSQL, stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from permabots.models import Bot
from permabots.testing import KikServer, MessengerServer, TelegramServer, UserApiServer
from tests.admin.conftest import make_staff
from tests.browser import programs
from tests.browser.remote import Chromium
from tests.browser.shop import Shop, make_shop
from tests.browser.visitor import Visitor, visiting
from tests.process.conftest import kik, messenger, telegram, user_api

__all__ = ["kik", "messenger", "telegram", "user_api"]

POLICY = "tests.browser.policy.strict"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder have the marker, and the time that a browser may take on a busy machine."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium(programs.find()) as browser:
        yield browser


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of a web server in a thread of this process."""
    with override_settings(MIDDLEWARE=[POLICY, *django_settings.MIDDLEWARE]):
        running = LiveServer("127.0.0.1")  # it reads the list while it starts
    yield running.url
    running.stop()


@pytest.fixture
def site(
    transactional_db: None,
    server: str,
    telegram: TelegramServer,
    kik: KikServer,
    messenger: MessengerServer,
    user_api: UserApiServer,
    settings: Any,
) -> str:
    """The address of the site, whose messengers are stand-ins."""
    settings.PERMABOTS = {
        "WEBHOOK_DOMAIN": server,
        "TELEGRAM_API_URL": telegram.url,
        "KIK_API_URL": kik.url,
        "MESSENGER_API_URL": messenger.url,
        "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"],
    }
    return server


@pytest.fixture
def author(site: str) -> Any:
    """Somebody who may do everything in the admin with bots of their own, and is no superuser."""
    return make_staff("author")


@pytest.fixture
def bot(author: Any) -> Bot:
    """The ordering bot, connected to three messengers; its API is not there."""
    return make_shop(author)


@pytest.fixture
def shop(bot: Bot) -> Shop:
    """The ordering bot with a hundred conversations."""
    return Shop(bot)


@pytest.fixture
def visitor(chromium: Chromium, site: str, author: Any) -> Iterator[Visitor]:
    """The author, in front of the browser."""
    with visiting(chromium, site, author) as found:
        yield found
