"""What numbers may stand in ``settings.PERMABOTS``."""

from __future__ import annotations

from typing import Any

SHORTEST_RETENTION = 2
"""Days. A messenger may deliver a message again for more than one: its row tells that it was answered."""
LONGEST_RETENTION = 36_500
"""Days. The calendar reaches so far back."""
LONGEST_SESSION = 3650
"""Days. A token that is never looked after should not open a conversation for longer than anybody remembers it."""
LONGEST_TIME = 365 * 86_400.0
"""Seconds. Every setting that may have a fraction is a time, and no moment may lie beyond the calendar."""
_MAY_BE_ZERO = frozenset(
    {"REQUEST_CONCURRENCY", "BREAKER_FAILURES", "RETENTION_BUTTON_DAYS", "RETENTION_CONTEXT_DAYS"}
    | {
        "RETENTION_EVENT_DAYS",
        "SIMULATIONS",
        "SIMULATIONS_PER_AUTHOR",
        "WEBCHAT_TRUSTED_PROXIES",
        "WEBCHAT_UNFINISHED",
        "WEBHOOK_RATE",
        "WORKER_DEATHS",
    }
)


def number_problem(name: str, value: Any, *, whole: bool) -> str | None:
    """Return what is wrong with a number, None for nothing.

    Args:
        name: the entry's name in the settings.
        value: what stands there.
        whole: whether it must be a whole number; else it is a time in seconds.
    """
    zero = name in _MAY_BE_ZERO
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not (fits and (value > 0 or (zero and value == 0))):
        return f"{name} must be {'0 or ' if zero else ''}a {'whole ' if whole else ''}number above 0"
    if not whole and value > LONGEST_TIME:
        return f"{name} must be {LONGEST_TIME:,.0f} seconds (a year) at most"
    if name == "WEBCHAT_SESSION_DAYS" and value > LONGEST_SESSION:
        return f"{name} must be {LONGEST_SESSION:,} days at most"
    return _retention_problem(name, value) if name.startswith("RETENTION_") else None


def _retention_problem(name: str, days: int) -> str | None:
    if days > LONGEST_RETENTION:
        return f"{name} must be {LONGEST_RETENTION:,} days at most"
    if name == "RETENTION_DAYS" and days < SHORTEST_RETENTION:
        return f"{name} must be {SHORTEST_RETENTION} at least: a messenger may deliver a younger message again"
    return None
