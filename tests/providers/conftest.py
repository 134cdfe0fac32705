"""What the tests of providers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.providers.base import http
from tests.providers.scripted import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that says yes to everything, until it is told otherwise."""
    with ScriptedServer() as running:
        yield running
    http.forget_connections()
