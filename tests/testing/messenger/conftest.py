"""A stand-in Messenger for the tests of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.testing import MessengerControl, MessengerServer, MessengerSteering
from tests.testing.messenger.helpers import PSID, SECRET, TOKEN, CallbackServer, subscribe


@pytest.fixture
def messenger() -> Iterator[MessengerServer]:
    """A stand-in whose seconds take a thousandth of one."""
    with MessengerServer(time_scale=0.001) as server:
        yield server


@pytest.fixture
def known(messenger: MessengerServer) -> MessengerServer:
    """The same, where a person has written to the page."""
    messenger.send_text(TOKEN, PSID, "hello")
    return messenger


@pytest.fixture
def callback(messenger: MessengerServer) -> Iterator[CallbackServer]:
    """The callback URL of the app, whose page is subscribed to everything."""
    with CallbackServer() as server:
        messenger.set_callback(f"{server.url}/hook/", "verify me", SECRET)
        subscribe(messenger.url)
        yield server
        server.hold.set()


@pytest.fixture(params=["here", "by the control API"])
def steering(request: pytest.FixtureRequest, messenger: MessengerServer) -> MessengerSteering:
    return messenger if request.param == "here" else MessengerControl(messenger.url)
