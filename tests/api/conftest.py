"""What tests of the REST API stand on: a known user's calls, and a stand-in for each provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots.models import Bot
from permabots.testing import KikServer, MessengerServer, TelegramServer
from tests.factories import make_bot, make_user
from tests.pipeline.conftest import telegram as telegram

ROOT = "/permabots/api/"


@dataclass
class Api:
    """Calls of one user, JSON in and JSON out.

    Args:
        user: who calls; None for nobody.
        client: what carries the calls.
    """

    user: Any = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.user is not None:
            headers = {"Authorization": f"Token {Token.objects.get_or_create(user=self.user)[0].key}", **headers}
        path = path if path.startswith("/") else ROOT + path
        return self.client.generic(method, path, _encoded(body), content_type="application/json", headers=headers)

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self("DELETE", path)


def _encoded(body: Any) -> Any:
    return body if isinstance(body, str | bytes) else json.dumps(body)


@dataclass(frozen=True)
class StandIns:
    """A stand-in for each provider; the settings point to them."""

    telegram: TelegramServer
    kik: KikServer
    messenger: MessengerServer


@pytest.fixture
def standins(settings: Any, telegram: TelegramServer) -> Iterator[StandIns]:
    with KikServer(check_people=False) as kik, MessengerServer(check_people=False) as messenger:
        urls = {"KIK_API_URL": kik.url, "MESSENGER_API_URL": messenger.url}
        settings.PERMABOTS = {**settings.PERMABOTS, **urls}
        yield StandIns(telegram, kik, messenger)


@pytest.fixture
def bot() -> Bot:
    return make_bot()


@pytest.fixture
def api(bot: Bot) -> Api:
    """Calls of the bot's owner."""
    return Api(bot.owner)


@pytest.fixture
def stranger(db: None) -> Api:
    """Calls of somebody else."""
    return Api(make_user())


@pytest.fixture
def base(bot: Bot) -> str:
    """Where the bot is."""
    return f"bots/{bot.pk}/"
