"""Limits that an operator sets by name: how often somebody may call, and how many rows there may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

RATES: Mapping[str, str | None] = {
    "user": "600/min",
    "token": "300/min",
    "bot": "600/min",
    "address": "1200/min",
    "hook": "600/min",
    "wrong_token": "20/min",
    "schema": "30/min",
}
"""Name -> calls in a period, the defaults of ``API_THROTTLES``."""
WEBCHAT_RATES: Mapping[str, str | None] = {
    "messages": "20/min",
    "polls": "120/min",
    "sign_ins": "60/hour",
    "new_by_address": "30/hour",
    "new_by_chat": "600/hour",
}
"""Name -> calls in a period, the defaults of ``WEBCHAT_LIMITS``."""
QUOTAS: Mapping[str, int | None] = {
    "bots": 100,
    "tokens": 100,
    "handlers": 2000,
    "states": 1000,
    "hooks": 200,
    "recipients": 10_000,
    "variables": 500,
    "parameters": 100,
    "tests": 500,
    "conversations": 100_000,
    "messages": 1_000_000,
}
"""Name -> rows, the defaults of ``QUOTAS``."""
_RATE = re.compile(r"[1-9]\d{0,8}/(s|sec|m|min|h|hour|d|day)")


def rates_problem(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting of rates, None where nothing is."""
    return _problem(key, value, RATES, _is_rate, "such as '600/min': a number above 0, and s, min, hour or day")


def webchat_problem(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting of the web chat's limits, None where nothing is."""
    return _problem(key, value, WEBCHAT_RATES, _is_rate, "such as '20/min': a number above 0, and s, min, hour or day")


def quotas_problem(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting of quotas, None where nothing is."""
    return _problem(key, value, QUOTAS, _is_number, "a whole number, 0 or above")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_rate(value: Any) -> bool:
    return isinstance(value, str) and _RATE.fullmatch(value) is not None


def _problem(key: str, value: Any, known: Mapping[str, Any], fits: Callable[[Any], bool], form: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return f"{key} must be a dict or None"
    for name, limit in value.items():
        if name not in known:
            return f"{key} knows no {name!r}: there are {', '.join(known)}"
        if limit is not None and not fits(limit):
            return f"{key}[{name!r}] must be None or {form}"
    return None


def in_force(value: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits in force: those of a setting, else the defaults; none that is None.

    Args:
        value: the setting, None for no limit at all.
        defaults: the limits that it may leave out.
    """
    if value is None:
        return {}
    return {name: limit for name, limit in {**defaults, **value}.items() if limit is not None}
