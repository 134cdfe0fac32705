"""The stand-in Kik, put together."""

from __future__ import annotations

from permabots.testing.kik.api import KikApi
from permabots.testing.kik.delivery import KikDelivery
from permabots.testing.kik.local import LocalKik
from permabots.testing.kik.state import KikState
from permabots.testing.webhook_client import Poster


class KikServer(LocalKik):
    """The stand-in Kik; `KikSteering` documents what a test can do with it.

    Args:
        port: the port to bind; 0 for a free one.
        time_scale: real seconds that one second of Kik's takes, for retries of deliveries.
        deliver_to: scheme, host and port in place of every webhook's own, as ``http://127.0.0.1:8000``, so that a
            webhook set for ``https://bot.example/...`` reaches a local server; "" for none. Nothing off this machine is
            connected, and nothing is delivered to ``https://example.com``, which stands for no webhook.
        webhook_timeout: real seconds to wait for a webhook's answer; Kik's are not known.
        check_people: refuse a message to a person who never wrote to the bot. A test that posts messages to a webhook
            by itself turns this off.
        seed: of every draw.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        time_scale: float = 1.0,
        deliver_to: str = "",
        webhook_timeout: float = 10.0,
        check_people: bool = True,
        seed: int = 0,
    ) -> None:
        state = KikState(seed)
        delivery = KikDelivery(state, Poster(webhook_timeout, deliver_to), time_scale)
        super().__init__(port, state, delivery, KikApi(state, check_people))
