"""Stand-in servers for the tests of themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.testing import TelegramServer, UserApiServer
from tests.testing.helpers import WebhookServer, call


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A stand-in Telegram whose seconds take a hundredth of one."""
    with TelegramServer(time_scale=0.01) as server:
        yield server


@pytest.fixture
def user_api() -> Iterator[UserApiServer]:
    """A stand-in for the API of a bot's author."""
    with UserApiServer() as server:
        yield server


@pytest.fixture
def webhook(telegram: TelegramServer) -> Iterator[WebhookServer]:
    """A webhook that is set for the bot."""
    with WebhookServer() as server:
        status, _ = call(telegram.url, "setWebhook", url=f"{server.url}/hook/", secret_token="s3cret")
        assert status == 200
        yield server
        server.hold.set()
