"""How the stand-in Telegram posts updates to webhooks: in order, and again until they are taken.

Read in the open-source Bot API server (``WebhookActor.cpp``): updates of one queue go one after another, other queues
in parallel up to ``max_connections``; whatever is not 2xx is tried again, at once, then after 2, 4, 8, ... seconds,
never more than 60 to 120; a ``Retry-After`` of up to an hour is obeyed; messages are dropped after a day, button
presses after 150 seconds, and a webhook that answers 410 for 23 hours is removed. A method in the body of the answer is
not executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic, time

from permabots.testing.server_state import Event
from permabots.testing.telegram.state import Bot, TelegramState, WaitingUpdate, Webhook, update_kind
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_delivery import WebhookDelivery

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
DAY = 86_400.0
LIFETIMES = {"callback_query": 150.0, "shipping_query": 150.0, "pre_checkout_query": 150.0, "inline_query": 30.0}
"""Seconds after which an update is dropped, by kind; a day for the others."""
GONE_SECONDS = 23 * 3_600.0
LONGEST_DELAY = (60.0, 120.0)
ONLY_ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")
"""Kinds that a bot gets only where its ``allowed_updates`` names them (Bot API, setWebhook)."""
THREADS = 100


class TelegramDelivery(WebhookDelivery[WaitingUpdate]):
    """Delivers waiting updates.

    Args:
        state: what is known.
        poster: makes the HTTP calls.
        time_scale: real seconds that one second of Telegram's takes; small values make retries and expiry quick.
        lifetimes: over `LIFETIMES`, in seconds of Telegram's.
    """

    keeps_order = True
    acknowledging = range(200, 300)

    def __init__(
        self, state: TelegramState, poster: Poster, time_scale: float, lifetimes: Mapping[str, float] | None
    ) -> None:
        super().__init__(state, poster, time_scale=time_scale, threads=THREADS)
        self._state = state
        self._lifetimes = LIFETIMES | dict(lifetimes or {})
        self._gone_since: dict[int, float] = {}

    def wake(self, bot: Bot) -> None:
        """Try everything that waits for a bot at once: it has a new webhook."""
        self.restart(bot.number, list(bot.pending.values()))

    def packed(self, events: list[Event]) -> Sequence[WaitingUpdate]:
        """Let updates wait for their bots, also where those have no webhook: then they are there for getUpdates."""
        waiting = []
        for event in events:
            bot = self._state.account(event.bot)
            if _is_wanted(bot, update_kind(event.body)):
                waiting.append(bot.wait(event.body))
        self._state.changed.notify_all()
        return waiting

    def connections(self, job: WaitingUpdate) -> int:
        return self._state.account(job.bots[0]).webhook.max_connections

    def address(self, job: WaitingUpdate) -> tuple[str, Mapping[str, str]] | None:
        bot = self._state.account(job.bots[0])
        if bot.pending.get(job.key) is not job:
            return None  # it was fetched or dropped
        if monotonic() - job.happened > self._lifetimes.get(update_kind(job.update), DAY) * self._scale:
            del bot.pending[job.key]
            return None
        if not bot.webhook.url:
            return None
        job.webhook = bot.webhook
        return job.webhook.url, {SECRET_HEADER: job.webhook.secret} if job.webhook.secret else {}

    def settled(self, job: WaitingUpdate, outcome: Outcome) -> float | None:
        bot = self._state.account(job.bots[0])
        self._note(bot, job.webhook, outcome)
        if not outcome.error:
            bot.pending.pop(job.key, None)
        # At once after the first failure, in Telegram's seconds.
        own = 0.0 if job.attempts == 1 else min(2.0 ** (job.attempts - 1), self._state.random.uniform(*LONGEST_DELAY))
        return max(own, outcome.retry_after)

    def _note(self, bot: Bot, webhook: Webhook, outcome: Outcome) -> None:
        """Keep the last error for getWebhookInfo, and give up a webhook that says for long that it is gone."""
        if outcome.error:
            webhook.last_error, webhook.last_error_date = outcome.error, int(time())
        if outcome.status != 410:
            self._gone_since.pop(bot.number, None)
        elif monotonic() - self._gone_since.setdefault(bot.number, monotonic()) > GONE_SECONDS * self._scale:
            bot.webhook = Webhook(allowed=webhook.allowed)


def _is_wanted(bot: Bot, kind: str) -> bool:
    if bot.webhook.allowed:
        return kind in bot.webhook.allowed
    return kind not in ONLY_ON_REQUEST
