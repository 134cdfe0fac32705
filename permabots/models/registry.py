"""The providers that the settings name, and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from permabots.conf import Config, get_config
from permabots.providers.base import registry
from permabots.providers.base.contract import Provider


def providers() -> Mapping[str, Provider]:
    """Return the providers in use by slug, in the order of the settings.

    Raises:
        ConfigurationError: the settings cannot be used, or a provider cannot be loaded.
    """
    config = get_config()
    known = _loaded[0]
    if known is None or known[0] is not config:
        known = _loaded[0] = (config, registry.load(config.providers, config.options_of))
    return known[1]


_loaded: list[tuple[Config, Mapping[str, Provider]] | None] = [None]
"""The providers as they were loaded last, with the settings that they were loaded by."""


def model_of(slug: str) -> Any:
    """Return the table of a provider's accounts.

    Args:
        slug: the provider's slug.
    """
    return apps.get_model(providers()[slug].model)
