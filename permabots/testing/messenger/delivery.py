"""How the stand-in Messenger posts to callback URLs: events of all pages of an app in a call, signed by its secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from time import monotonic

from permabots.testing.messenger.events import envelope, field_of
from permabots.testing.messenger.state import MessengerState
from permabots.testing.server_state import Event
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import RetrySchedule, WebhookJob

RETRIES = RetrySchedule(delays=(0, 0, 0, 60, 120, 300, 600), end=3600)
"""Facebook tries "a few more times" at once, and unsubscribes a page whose webhook failed for an hour; the times in
between are invented."""
UPDATES_PER_POST = 1000


class MessengerDelivery(WebhookDelivery[WebhookJob]):
    """Posts to apps.

    Args:
        state: the apps and pages.
        poster: makes the HTTP calls.
        time_scale: real seconds that one second of Facebook's takes.
    """

    def __init__(self, state: MessengerState, poster: Poster, time_scale: float) -> None:
        super().__init__(state, poster, time_scale=time_scale)
        self._state = state

    def packed(self, events: list[Event]) -> Sequence[WebhookJob]:
        by_app: dict[str, list[Event]] = {}
        for happened in events:
            page = self._state.pages[happened.bot]
            if self._state.app(page.app).url and field_of(happened.body) in (page.fields or ()):
                by_app.setdefault(page.app, []).append(happened)
        return [
            self._job(told[start : start + UPDATES_PER_POST])
            for told in by_app.values()
            for start in range(0, len(told), UPDATES_PER_POST)
        ]

    def _job(self, events: list[Event]) -> WebhookJob:
        body = envelope([(e.bot, e.body) for e in events], self._state.moment())
        raw = json.dumps(body, separators=(",", ":")).encode()
        bots = list(dict.fromkeys(e.bot for e in events))
        return WebhookJob(bots, frozenset((e.bot, e.chat_id) for e in events), [e.id for e in events], raw)

    def address(self, job: WebhookJob) -> tuple[str, Mapping[str, str]] | None:
        pages = [self._state.pages[page_id] for page_id in job.bots]
        app = self._state.app(pages[0].app)
        if not job.raw and all(page.fields is None for page in pages):
            return None
        return app.url, app.signatures(job.body)

    def settled(self, job: WebhookJob, outcome: Outcome) -> float | None:
        delay = RETRIES.delay(job, self._scale)
        for page_id in job.bots:
            page = self._state.pages[page_id]
            if not outcome.error:
                page.failing_since = 0.0
                continue
            page.failing_since = page.failing_since or (job.since if job.attempts == 1 else monotonic())
            if delay is None and monotonic() - page.failing_since >= RETRIES.end * self._scale:
                page.fields = None
        return delay
