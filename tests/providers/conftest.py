"""What the tests of providers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from permabots.providers.base import http
from tests.providers.scripted import ScriptedServer

# How long an example takes says something about the machine, not about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that says yes to everything, until it is told otherwise."""
    with ScriptedServer() as running:
        yield running
    http.forget_connections()
