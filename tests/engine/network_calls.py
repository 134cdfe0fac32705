"""Calls by a client whose look-ups and connections are the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.engine.http.client import PreparedCall, RequestLimits, UserApi
from tests.engine.fake_network import FakeNetwork
from tests.engine.scripted_server import answer as http_answer

PUBLIC = "93.184.216.34"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    fake = FakeNetwork(monkeypatch)
    fake.names["api.example"] = [[PUBLIC]]
    yield fake
    fake.close()


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0))
    yield client
    client.close()


def get(url: str, **fields: Any) -> PreparedCall:
    return PreparedCall("GET", url, **fields)


def redirect(location: str, status: str = "302 Found") -> bytes:
    return http_answer(b"", f"Location: {location}", status=status)


def header(request: bytes, name: str) -> str | None:
    """Return a header of a request as sent, None for none."""
    for line in request.decode("latin-1").split("\r\n")[1:]:
        if line.lower().startswith(f"{name.lower()}:"):
            return line.partition(":")[2].strip()
    return None


SECRETS = {"Authorization": "Bearer s3cret", "Cookie": "a=1", "X-Api-Key": "s3cret", "X-Auth-Token": "t", "Host": "x"}
