"""Calls of one client to servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.engine.http.client import ApiResponse, PreparedCall, RequestLimits, UserApi
from tests.engine.scripted_server import OK, Connection


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0, max_bytes=1000, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


def call(api: UserApi, url: str, method: str = "GET", body: bytes | None = None) -> ApiResponse:
    return api.call(PreparedCall(method, url, body=body), "key")


def serve_all(connection: Connection) -> None:
    while connection.request():
        connection.send(OK)
