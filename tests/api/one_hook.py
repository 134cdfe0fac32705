"""The owner of a bot, and a hook of the bot that tells one person."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.testing import TelegramServer
from tests.api.hook_world import Owner
from tests.pipeline.conftest import telegram as telegram


@pytest.fixture
def owner(live_server: Any, telegram: TelegramServer) -> Owner:
    return Owner(live_server.url, telegram)


@pytest.fixture
def hook(owner: Owner) -> Any:
    return owner.hook({"Ann": 101})
