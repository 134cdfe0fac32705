"""What is wrong with ``settings.PERMABOTS`` as a project wrote it, and the `Config` built from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from permabots.conf import limits
from permabots.conf.config import Config
from permabots.conf.contents import content_problem, number_problem

_FIELDS = {item.name.upper(): item for item in fields(Config) if item.name != "provider_options"}
_DEFAULTS = Config()
_LIMITS: dict[str, tuple[Mapping[str, Any], Callable[[str, Any], str | None]]] = {
    "API_THROTTLES": (limits.RATES, limits.rates_problem),
    "QUOTAS": (limits.QUOTAS, limits.quotas_problem),
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
    config = build(raw)
    longest = max(config.request_timeout, config.send_timeout, config.render_timeout)
    if config.lease <= 2 * longest:
        found.append(f"LEASE ({config.lease:g} s) must be more than twice the longest single step ({longest:g} s)")
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


def _problem(key: str, value: Any) -> str | None:
    """Say what is wrong with one entry. A key that is no field must be an option of a provider: one plain value."""
    if key not in _FIELDS:
        plain = isinstance(value, str | int | float)
        if key.isupper() and "_" in key and plain and not _misspelt(key):
            return None
        return f"{key} is no setting of permabots"
    if key in _LIMITS:
        return _LIMITS[key][1](key, value)
    default = getattr(_DEFAULTS, _FIELDS[key].name)
    if isinstance(default, tuple):
        if isinstance(value, str) or not all(isinstance(item, str | type) for item in value):
            return f"{key} must be a list of texts"
        return content_problem(key, value)
    if isinstance(default, bool):
        return None if isinstance(value, bool) else f"{key} must be True or False"
    if isinstance(default, int | float):
        return number_problem(key, value, int if isinstance(default, int) else int | float)
    return content_problem(key, value) if isinstance(value, str | None) else f"{key} must be a text or None"


def _misspelt(key: str) -> bool:
    """Whether a key has the first word of a field, and so is no option: those begin with a provider's slug."""
    return key.split("_")[0] in {name.split("_")[0] for name in _FIELDS}
