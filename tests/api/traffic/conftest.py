"""What the tests of the observing API stand on."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from tests.api.traffic.client import ApiClient
from tests.factories import make_telegram
from tests.pipeline.conftest import telegram, user_api

__all__ = ["telegram", "user_api"]


@pytest.fixture(autouse=True)
def _only_this_part(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.traffic.urls"


@pytest.fixture
def bot(db: None) -> Bot:
    """A bot with a row of Telegram, as if it had been connected."""
    bot: Bot = make_telegram().bot
    return bot


@pytest.fixture
def api(bot: Bot) -> ApiClient:
    """The bot's owner."""
    return ApiClient(bot)
