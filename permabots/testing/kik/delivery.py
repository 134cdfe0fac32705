"""How the stand-in Kik posts to webhooks: several messages of one bot in a call, signed by its API key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from permabots.testing.kik.state import KikState
from permabots.testing.server_state import Event
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import RetrySchedule, WebhookJob

RETRIES = RetrySchedule(delays=(0, 1, 5, 15, 60, 300), end=3600)
"""Invented: how Kik tries again is not documented any more, nor whether it gives a webhook up."""
ON_REQUEST = {
    "read-receipt": "receiveReadReceipts",
    "delivery-receipt": "receiveDeliveryReceipts",
    "is-typing": "receiveIsTyping",
}
"""Types of events that a bot gets only with the feature in its configuration."""


class KikDelivery(WebhookDelivery[WebhookJob]):
    """Posts to bots.

    Args:
        state: the bots.
        poster: makes the HTTP calls.
        time_scale: real seconds that one second of Kik's takes.
    """

    def __init__(self, state: KikState, poster: Poster, time_scale: float) -> None:
        super().__init__(state, poster, time_scale=time_scale)
        self._state = state

    def packed(self, events: list[Event]) -> Sequence[WebhookJob]:
        by_bot: dict[str, list[Event]] = {}
        for event in events:
            bot = self._state.bot(event.bot)
            feature = ON_REQUEST.get(event.body["type"])
            if bot.is_told and (feature is None or bot.features.get(feature)):
                by_bot.setdefault(event.bot, []).append(event)
        return [_job(bot, told) for bot, told in by_bot.items()]

    def address(self, job: WebhookJob) -> tuple[str, Mapping[str, str]] | None:
        bot = self._state.bot(job.bots[0])
        return (bot.webhook, bot.signatures(job.body)) if bot.is_told else None

    def settled(self, job: WebhookJob, outcome: Outcome) -> float | None:
        return RETRIES.delay(job, self._scale)


def _job(bot: str, events: list[Event]) -> WebhookJob:
    raw = json.dumps({"messages": [event.body for event in events]}).encode()
    return WebhookJob([bot], frozenset((bot, event.chat_id) for event in events), [event.id for event in events], raw)
