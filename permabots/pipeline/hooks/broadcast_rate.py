"""The rate of a broadcast: the messages of the next seconds are stored, the other recipients wait in their list.

So ten thousand recipients are neither one task nor one transaction, nobody's answer queues behind them, and a broker
never holds more wake-ups than a few seconds' worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from permabots.models import Bot
from permabots.pipeline.sending import rate_limit

HORIZON = 5.0
"""Seconds of a broadcast that are stored ahead."""


def count_within_horizon(bot: Bot, slugs: Sequence[str]) -> int:
    """Return how many of these recipients, from the first on, can be told within `HORIZON`; at least one.

    Args:
        bot: the bot.
        slugs: each recipient's provider.
    """
    rates = {slug: _rate(bot, slug) for slug in set(slugs)}
    seen: Counter[str] = Counter()
    for place, slug in enumerate(slugs):
        seen[slug] += 1
        if 0 < rates[slug] * HORIZON < seen[slug]:
            return max(place, 1)
    return len(slugs)


def reserve_slots(bot: Bot, slugs: Sequence[str]) -> list[float]:
    """Book places for recipients.

    Args:
        bot: the bot.
        slugs: each recipient's provider.

    Returns:
        For each, in how many seconds it may be told.
    """
    begins = {slug: _begin(bot, slug, count) for slug, count in Counter(slugs).items()}
    seen: Counter[str] = Counter()
    found = []
    for slug in slugs:
        rate = _rate(bot, slug)
        found.append(begins[slug] + (seen[slug] / rate if rate > 0 else 0.0))
        seen[slug] += 1
    return found


def _begin(bot: Bot, slug: str, count: int) -> float:
    account = bot.integration(slug)
    return rate_limit.reserve(account, count) if account is not None else 0.0


def _rate(bot: Bot, slug: str) -> float:
    account = bot.integration(slug)
    return rate_limit.broadcast_rate(account) if account is not None else 0.0
