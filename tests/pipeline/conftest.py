"""What tests of the pipeline stand on: a stand-in Telegram and a stand-in user API over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.pipeline.postgresql import execution
from permabots.testing import TelegramServer, UserApiServer

DOMAIN = "https://bots.example.com"


@pytest.fixture
def telegram(settings: Any) -> Iterator[TelegramServer]:
    """A stand-in Bot API that the settings point to."""
    with TelegramServer() as server:
        settings.PERMABOTS = {
            "TELEGRAM_API_URL": server.url,
            "WEBHOOK_DOMAIN": DOMAIN,
            "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"],
        }
        yield server


@pytest.fixture
def user_api() -> Iterator[UserApiServer]:
    with UserApiServer() as server:
        yield server


@pytest.fixture
def by_orm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the pipeline go the way that other databases than PostgreSQL go, whatever database this is."""
    monkeypatch.setattr(execution, "is_used", lambda: False)
