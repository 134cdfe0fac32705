"""The stand-in Kik, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from permabots.testing.control import Operations
from permabots.testing.http11 import Reply, Request
from permabots.testing.kik.api import KikApi
from permabots.testing.kik.control import NAMES
from permabots.testing.kik.local import LocalKik
from permabots.testing.kik.state import KikState
from permabots.testing.remote import operations
from permabots.testing.server import StandInServer
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import RetrySchedule, WebhookJob

RETRIES = RetrySchedule(delays=(0, 1, 5, 15, 60, 300), end=3600)
"""Invented: how Kik tries again is not documented any more."""


class KikServer(LocalKik, StandInServer):
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
        StandInServer.__init__(self, port)
        state, poster = KikState(seed), Poster(webhook_timeout, deliver_to)
        delivery = WebhookDelivery(
            state.lock, state.changed, state.journal, poster, self._address, _settled, RETRIES, time_scale=time_scale
        )
        LocalKik.__init__(self, state, delivery)
        self._api = KikApi(state, check_people)

    def start(self) -> Self:
        super().start()
        self._delivery.open()
        return self

    def stop(self) -> None:
        self._delivery.close()
        super().stop()

    def respond(self, request: Request) -> Reply:
        return self._api.handle(request)

    def operations(self) -> Operations:
        return operations(self, NAMES)

    def _address(self, job: WebhookJob) -> tuple[str, Mapping[str, str]] | None:
        bot = self._state.bot(job.bots[0])
        return (bot.webhook, bot.signatures(job.body)) if bot.is_told else None


def _settled(job: WebhookJob, outcome: Outcome, given_up: bool) -> None:
    """Keep nothing: whether Kik gives a webhook up is not known."""
