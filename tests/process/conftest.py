"""The real road: a web server and workers as processes, PostgreSQL, Redis, a stand-in Telegram and a stand-in API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.site import Site
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.testing import KikServer, MessengerServer, TelegramServer, UserApiServer
from tests.factories import make_bot, make_handler
from tests.servers import Redis

TOKEN = "4242:token"


@dataclass
class Road:
    """Everything between a person and an answer.

    Args:
        site: web server and workers.
        telegram: the stand-in Bot API.
        kik: the stand-in Kik.
        messenger: the stand-in Graph API.
        user_api: the stand-in for the bot author's API.
        bot: a bot connected to Telegram as `TOKEN`.
    """

    site: Site
    telegram: TelegramServer
    kik: KikServer
    messenger: MessengerServer
    user_api: UserApiServer
    bot: Bot

    def connect(self) -> None:
        """Connect the bot to Telegram: the web server must answer already."""
        integrations.attach(self.bot, "telegram", {"token": TOKEN})

    def unfinished(self) -> tuple[int, int]:
        """Return how many incoming and outgoing messages are not finished."""
        return InboundMessage.objects.unfinished().count(), OutboundMessage.objects.unfinished().count()


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def kik() -> Iterator[KikServer]:
    with KikServer(check_people=False) as server:
        yield server


@pytest.fixture
def messenger() -> Iterator[MessengerServer]:
    with MessengerServer(check_people=False) as server:
        yield server


@pytest.fixture
def user_api() -> Iterator[UserApiServer]:
    with UserApiServer() as server:
        yield server


@pytest.fixture
def site(
    tmp_path: Path,
    database_url: str,
    broker_url: str,
    redis: Redis,
    telegram: TelegramServer,
    kik: KikServer,
    messenger: MessengerServer,
    user_api: UserApiServer,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    site = Site(
        tmp_path,
        {
            "DATABASE_URL": database_url,
            "SECRET_KEY": settings.SECRET_KEY,  # which decrypts what the tests store
            "CELERY_BROKER_URL": broker_url,
            "CACHE_URL": redis.url.removesuffix("0") + "1",
            "PERMABOTS_TELEGRAM_API_URL": telegram.url,
            "PERMABOTS_KIK_API_URL": kik.url,
            "PERMABOTS_MESSENGER_API_URL": messenger.url,
            # What is tested here is how much comes through, in few chats: the rates are tested elsewhere.
            "PERMABOTS_TELEGRAM_RATE": "0",
            "PERMABOTS_TELEGRAM_CHAT_RATE": "0",
            "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1",
            "PERMABOTS_SWEEP_INTERVAL": "1",
            "PERMABOTS_WAKE_INTERVAL": "3",
            "PERMABOTS_RETRY_BASE": "0.2",
            "PERMABOTS_LEASE": "8",
            "PERMABOTS_SEND_TIMEOUT": "3",
            "PERMABOTS_REQUEST_TIMEOUT": "3",
        },
    )
    # Workers are not measured: it makes them slow, and what they run is measured in other tests.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    settings.PERMABOTS = {
        "WEBHOOK_DOMAIN": site.url,
        "TELEGRAM_API_URL": telegram.url,
        "KIK_API_URL": kik.url,
        "MESSENGER_API_URL": messenger.url,
    }
    yield site
    site.kill()


@pytest.fixture
def road(
    site: Site, telegram: TelegramServer, kik: KikServer, messenger: MessengerServer, user_api: UserApiServer
) -> Road:
    return Road(site, telegram, kik, messenger, user_api, make_bot())


def echo_bot(road: Road, **values: Any) -> None:
    """Give the bot a handler that answers ``echo <n>`` with ``<n>``."""
    make_handler(road.bot, r"^echo (?P<n>.+)$", "{{ pattern.n }}", **values)
