"""The one reader of ``settings.PERMABOTS``: every key typed and defaulted here, checked in `permabots.checks`."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from permabots.conf.config import DEFAULT_PROVIDERS, PAGE_POLICY, Config
from permabots.conf.problems import build, problems
from permabots.exceptions import ConfigurationError

__all__ = ["DEFAULT_PROVIDERS", "PAGE_POLICY", "Config", "config_at_start", "get_config", "problems"]


def get_config() -> Config:
    """Return the settings in force.

    Raises:
        ConfigurationError: a key is unknown or of the wrong type.
    """
    raw = getattr(settings, "PERMABOTS", {})
    found = _latest[0]
    if found is None or found.raw != raw:
        found = _latest[0] = _Read(deepcopy(raw), _checked(raw))
    return found.config


@dataclass(frozen=True, slots=True)
class _Read:
    """The settings as they were read, with the `Config` built from them. `raw` is a copy: a project may change its dict
    in place."""

    raw: Any
    config: Config


_latest: list[_Read | None] = [None]


def config_at_start() -> Config:
    """Return the settings in force; the defaults where the settings cannot be used, which a system check reports."""
    raw = getattr(settings, "PERMABOTS", {})
    return Config() if problems(raw) else get_config()


def _checked(raw: Any) -> Config:
    if found := problems(raw):
        raise ConfigurationError("settings.PERMABOTS: " + "; ".join(found))
    return build(raw)
