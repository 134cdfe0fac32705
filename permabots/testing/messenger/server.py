"""The stand-in Messenger, put together."""

from __future__ import annotations

from permabots.testing.messenger.local import LocalMessenger
from permabots.testing.messenger.state import MessengerState
from permabots.testing.webhook_client import Poster


class MessengerServer(LocalMessenger):
    """The stand-in Messenger; `MessengerSteering` documents what a test can do with it.

    Args:
        port: the port to bind; 0 for a free one.
        time_scale: real seconds that one second of Facebook's takes, for retries of deliveries. Not for the 24 hours in
            which a page may answer: `age` moves those.
        deliver_to: scheme, host and port in place of every callback URL's own, as ``http://127.0.0.1:8000``, so that
            ``https://bot.example/...`` reaches a local server; "" for none. Nothing off this machine is connected.
        webhook_timeout: real seconds to wait for a webhook's answer; Facebook's are 5.
        check_people: refuse a message to a person who never wrote to the page. A test that posts events to a webhook by
            itself turns this off.
        seed: of every draw.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        time_scale: float = 1.0,
        deliver_to: str = "",
        webhook_timeout: float = 5.0,
        check_people: bool = True,
        seed: int = 0,
    ) -> None:
        poster = Poster(webhook_timeout, deliver_to)
        super().__init__(port, MessengerState(seed), poster, time_scale, check_people=check_people)
