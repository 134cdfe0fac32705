"""A stand-in Kik for the tests of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.testing import KikControl, KikServer, KikSteering
from tests.testing.kik.helpers import BOT, CHAT, PERSON, KikWebhook, configure


@pytest.fixture
def kik() -> Iterator[KikServer]:
    """A stand-in whose seconds take a thousandth of one."""
    with KikServer(time_scale=0.001) as server:
        yield server


@pytest.fixture
def known(kik: KikServer) -> KikServer:
    """The same, where a person has written to the bot."""
    kik.send_text(BOT, CHAT, PERSON, "hello")
    return kik


@pytest.fixture
def webhook(kik: KikServer) -> Iterator[KikWebhook]:
    """The bot's webhook."""
    with KikWebhook() as server:
        assert configure(kik.url, f"{server.url}/hook/")[0] == 200
        yield server
        server.hold.set()


@pytest.fixture(params=["here", "by the control API"])
def steering(request: pytest.FixtureRequest, kik: KikServer) -> KikSteering:
    return kik if request.param == "here" else KikControl(kik.url)
