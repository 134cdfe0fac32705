"""A user's API on this machine, and a client that may call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.engine.http.client import PreparedCall, RequestLimits, UserApi
from permabots.testing.user_api import UserApiServer

LIMITS = RequestLimits(timeout=5.0, max_bytes=10_000, allowed_hosts=("127.0.0.1",))


@pytest.fixture
def server() -> Iterator[UserApiServer]:
    with UserApiServer() as running:
        yield running


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(LIMITS)
    yield client
    client.close()


def get(url: str, **fields: Any) -> PreparedCall:
    return PreparedCall("GET", url, **fields)
