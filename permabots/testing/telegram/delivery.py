"""Handing updates to webhooks in the order, and with the patience, of Telegram.

Read in the open-source Bot API server (``WebhookActor.cpp``): updates of one queue go one after another, other queues
in parallel up to ``max_connections``; whatever is not 2xx is tried again, at once, then after 2, 4, 8, ... seconds,
never more than 60 to 120; a ``Retry-After`` of up to an hour is obeyed; messages are dropped after a day, button
presses after 150 seconds, and a webhook that answers 410 for 23 hours is removed. A method in the body of the answer is
not executed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from time import monotonic, time

from permabots.testing.journal import Delivery
from permabots.testing.telegram.per_chat_queues import Job, Lanes
from permabots.testing.telegram.state import Bot, TelegramState, Waiting, Webhook, update_kind
from permabots.testing.webhook_client import Outcome, Poster

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
DAY = 86_400.0
LIFETIMES = {"callback_query": 150.0, "shipping_query": 150.0, "pre_checkout_query": 150.0, "inline_query": 30.0}
"""Seconds after which an update is dropped, by kind; a day for the others."""
GONE_SECONDS = 23 * 3_600.0
LONGEST_DELAY = (60.0, 120.0)


class Courier:
    """Delivers waiting updates.

    Args:
        state: what is known.
        poster: makes the HTTP calls.
        time_scale: real seconds that one second of Telegram's takes; small values make retries and expiry quick.
        lifetimes: over `LIFETIMES`, in seconds of Telegram's.
        seed: of the draw for the longest delay.
    """

    def __init__(
        self,
        state: TelegramState,
        poster: Poster,
        *,
        time_scale: float = 1.0,
        lifetimes: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self._state = state
        self._poster = poster
        self._scale = time_scale
        self._lifetimes = LIFETIMES | dict(lifetimes or {})
        self._random = random.Random(seed)  # noqa: S311 (a repeatable draw, no secret)
        self._gone_since: dict[int, float] = {}
        self.lanes = Lanes(state.lock, self._expired, self._run, poster.close)

    def _expired(self, waiting: Waiting) -> bool:
        lifetime = self._lifetimes.get(update_kind(waiting.update), DAY) * self._scale
        if monotonic() - waiting.since <= lifetime:
            return False
        self._state.changed.notify_all()  # it is dropped now, and somebody may wait for the last one to go
        return True

    def _run(self, job: Job) -> float | None:
        """Make one attempt; returns None where the update is done with, else the seconds until the next."""
        update_id = job.waiting.update["update_id"]
        began, moment = monotonic(), time()
        secret = {SECRET_HEADER: job.webhook.secret} if job.webhook.secret else {}
        outcome = self._poster.post(job.webhook.url, json.dumps(job.waiting.update).encode(), secret)
        took = monotonic() - began
        with self._state.lock:
            self._state.journal.deliveries.append(
                Delivery(
                    [job.lane.bot.number], [update_id], job.attempt, outcome.status, outcome.error, began, moment, took
                )
            )
            self._note(job.lane.bot, job.webhook, outcome)
            if not outcome.error:
                job.lane.bot.pending.pop(job.key, None)
            self._state.changed.notify_all()
            return self._delay(job.attempt, outcome) * self._scale if outcome.error else None

    def _delay(self, attempt: int, outcome: Outcome) -> float:
        """Return how long Telegram waits after so many failures, in its seconds."""
        own = 0.0 if attempt == 1 else min(2.0 ** (attempt - 1), self._random.uniform(*LONGEST_DELAY))
        return max(own, outcome.retry_after)

    def _note(self, bot: Bot, webhook: Webhook, outcome: Outcome) -> None:
        """Keep the last error for getWebhookInfo, and give up a webhook that says for long that it is gone."""
        if outcome.error:
            webhook.last_error, webhook.last_error_date = outcome.error, int(time())
        if outcome.status != 410:
            self._gone_since.pop(bot.number, None)
        elif monotonic() - self._gone_since.setdefault(bot.number, monotonic()) > GONE_SECONDS * self._scale:
            bot.webhook = Webhook(allowed=webhook.allowed)
