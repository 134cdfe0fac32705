"""What is wrong with ``settings.PERMABOTS`` as a project wrote it, and the `Config` built from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from permabots.conf import limits
from permabots.conf.config import Config
from permabots.conf.contents import content_problem, option_problem
from permabots.conf.numbers import number_problem

_FIELDS = {item.name.upper(): item for item in fields(Config) if item.name != "provider_options"}
_DEFAULTS = Config()
_CLASSES = frozenset({"API_AUTHENTICATION_CLASSES", "PROVIDERS"})
"""Lists in which a class is as good as its dotted path."""
_LIMITS: dict[str, tuple[Mapping[str, Any], Callable[[str, Any], str | None]]] = {
    "API_THROTTLES": (limits.RATES, limits.rates_problem),
    "QUOTAS": (limits.QUOTAS, limits.quotas_problem),
    "WEBCHAT_LIMITS": (limits.WEBCHAT_RATES, limits.webchat_problem),
}
"""Key -> the defaults of its limits, and what says what is wrong with it."""


def problems(raw: Any) -> list[str]:
    """Return what is wrong with ``settings.PERMABOTS``.

    Args:
        raw: the setting as the project wrote it.

    Returns:
        One sentence for each problem; none when the setting can be used.
    """
    if not isinstance(raw, Mapping):
        return ["it must be a dict"]
    found = [problem for key, value in raw.items() if (problem := _problem(key, value))]
    if found:
        return found
    return _contradictions(build(raw))


def _contradictions(config: Config) -> list[str]:
    """Say which settings do not go together."""
    found = []
    longest = max(config.request_timeout, config.send_timeout, config.render_timeout)
    if config.lease <= 2 * longest:
        found.append(f"LEASE ({config.lease:g} s) must be more than twice the longest single step ({longest:g} s)")
    most, new = config.webhook_max_events, config.webhook_new_events
    if most < new:
        found.append(f"WEBHOOK_MAX_EVENTS ({most}) must not be less than WEBHOOK_NEW_EVENTS ({new})")
    return found


def build(raw: Mapping[str, Any]) -> Config:
    """Return the settings as a value.

    Args:
        raw: the setting as the project wrote it, without problems.
    """
    values = {_FIELDS[key].name: _coerced(key, value) for key, value in raw.items() if key in _FIELDS}
    return Config(**values, provider_options={key: str(value) for key, value in raw.items() if key not in _FIELDS})


def _coerced(key: str, value: Any) -> Any:
    if key in _LIMITS:
        return limits.in_force(value, _LIMITS[key][0])
    default = getattr(_DEFAULTS, _FIELDS[key].name)
    if isinstance(default, tuple):
        return tuple(item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}" for item in value)
    return float(value) if isinstance(default, float) else value


def _problem(key: Any, value: Any) -> str | None:
    """Say what is wrong with one entry. A key that is no field must be an option of a provider: one plain value."""
    if key not in _FIELDS:
        return option_problem(key, value) if _is_option(key) else f"{key} is no setting of permabots"
    if key in _LIMITS:
        return _LIMITS[key][1](key, value)
    default = getattr(_DEFAULTS, _FIELDS[key].name)
    if isinstance(default, tuple):
        items = str | type if key in _CLASSES else str
        if not isinstance(value, list | tuple) or not all(isinstance(item, items) for item in value):
            return f"{key} must be a list of texts"
        return content_problem(key, value)
    if _FIELDS[key].type == "bool | None":
        return None if isinstance(value, bool | None) else f"{key} must be True, False or None"
    if isinstance(default, bool):
        return None if isinstance(value, bool) else f"{key} must be True or False"
    if isinstance(default, int | float):
        return number_problem(key, value, whole=isinstance(default, int))
    return content_problem(key, value) if isinstance(value, str | None) else f"{key} must be a text or None"


def _is_option(key: Any) -> bool:
    """Whether a key may be a provider's. One with the first word of a field is not: it begins with no slug."""
    if not isinstance(key, str) or not key.isupper() or "_" not in key:
        return False
    return key.split("_")[0] not in {name.split("_")[0] for name in _FIELDS}
