"""The providers that the settings name, and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from permabots.conf import get_config
from permabots.providers.base import registry
from permabots.providers.base.contract import Provider


def providers() -> Mapping[str, Provider]:
    """Return the providers in use by slug, in the order of the settings.

    Raises:
        ConfigurationError: the settings cannot be used, or a provider cannot be loaded.
    """
    config = get_config()
    return registry.load(config.providers, config.options_of)


def model_of(slug: str) -> Any:
    """Return the table of a provider's accounts.

    Args:
        slug: the provider's slug.
    """
    return apps.get_model(providers()[slug].model)
