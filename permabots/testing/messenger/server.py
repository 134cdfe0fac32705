"""The stand-in Messenger, put together."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Self

from permabots.testing.control import Operations
from permabots.testing.http11 import Reply, Request
from permabots.testing.messenger.api import GraphApi
from permabots.testing.messenger.control import NAMES
from permabots.testing.messenger.local import LocalMessenger
from permabots.testing.messenger.state import MessengerState
from permabots.testing.remote import operations
from permabots.testing.server import StandInServer
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import RetrySchedule, WebhookJob

RETRIES = RetrySchedule(delays=(0, 0, 0, 60, 120, 300, 600), end=3600)
"""Facebook tries "a few more times" at once, and unsubscribes a page whose webhook failed for an hour; the times in
between are invented."""


class MessengerServer(LocalMessenger, StandInServer):
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
        StandInServer.__init__(self, port)
        state, poster = MessengerState(seed), Poster(webhook_timeout, deliver_to)
        self._end = RETRIES.end * time_scale
        delivery = WebhookDelivery(
            state.lock,
            state.changed,
            state.journal,
            poster,
            self._address,
            self._settled,
            RETRIES,
            time_scale=time_scale,
        )
        LocalMessenger.__init__(self, state, delivery, poster)
        self._graph = GraphApi(state, check_people, self._echo_call)

    def start(self) -> Self:
        super().start()
        self._delivery.open()
        return self

    def stop(self) -> None:
        self._delivery.close()
        super().stop()

    def respond(self, request: Request) -> Reply:
        return self._graph.handle(request)

    def operations(self) -> Operations:
        return operations(self, NAMES)

    # Deliveries

    def _address(self, job: WebhookJob) -> tuple[str, Mapping[str, str]] | None:
        pages = [self._state.pages[page_id] for page_id in job.bots]
        app = self._state.app(pages[0].app)
        if not job.raw and all(page.fields is None for page in pages):
            return None
        return app.url, app.signatures(job.body)

    def _settled(self, job: WebhookJob, outcome: Outcome, given_up: bool) -> None:
        for page_id in job.bots:
            page = self._state.pages[page_id]
            if outcome.status == 200:
                page.failing_since = 0.0
                continue
            page.failing_since = page.failing_since or (job.since if job.attempts == 1 else monotonic())
            if given_up and monotonic() - page.failing_since >= self._end:
                page.fields = None
