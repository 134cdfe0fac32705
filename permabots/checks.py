"""System checks: what is wrong with the settings is said at start, by name."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from permabots.conf import get_config, problems, webhook_base_url
from permabots.exceptions import ConfigurationError
from permabots.models.registry import providers
from permabots.pipeline import cached


@register("permabots")
def check_settings(**_: Any) -> list[CheckMessage]:
    """``settings.PERMABOTS`` can be read, and its providers can be loaded."""
    raw = getattr(settings, "PERMABOTS", {})
    if found := problems(raw):
        return [Error(f"settings.PERMABOTS: {problem}.", id="permabots.E001") for problem in found]
    try:
        read = {f"{slug.upper()}_{name.upper()}" for slug, it in providers().items() for name in it.default_options}
    except ConfigurationError as error:
        return [Error(f"settings.PERMABOTS['PROVIDERS']: {error}.", id="permabots.E002")]
    return [
        Warning(f"settings.PERMABOTS['{name}'] is read by no provider.", id="permabots.W004")
        for name in get_config().provider_options
        if name not in read
    ]


@register("permabots", deploy=True)
def check_domain(**_: Any) -> list[CheckMessage]:
    """A webhook domain is set without asking the database for the Site."""
    if not (get_config().webhook_domain or getattr(settings, "MICROBOT_WEBHOOK_DOMAIN", None)):
        return []
    try:
        webhook_base_url()
    except ConfigurationError as error:
        return [Error(str(error), id="permabots.E003")]
    return []


@register("permabots", deploy=True)
def check_cache(**_: Any) -> list[CheckMessage]:
    """The cache is shared by all processes."""
    if not cached.is_local():
        return []
    return [
        Warning(
            "The default cache belongs to one process: a changed integration is noticed up to 2 seconds late.",
            hint="Set CACHES['default'] to a server that all processes share, such as Redis.",
            id="permabots.W001",
        )
    ]


@register("permabots", deploy=True)
def check_celery(**_: Any) -> list[CheckMessage]:
    """Celery keeps database connections, and gives a dead worker's wake-ups back soon."""
    found: list[CheckMessage] = []
    if not current_app.conf.get("CELERY_DB_REUSE_MAX"):
        found.append(
            Warning(
                "Celery closes the database connection around every task.",
                hint="Set app.conf['CELERY_DB_REUSE_MAX'] (say 100000): it more than doubles the messages per second.",
                id="permabots.W002",
            )
        )
    options = current_app.conf.broker_transport_options or {}
    if str(current_app.conf.broker_url).startswith("redis") and "visibility_timeout" not in options:
        found.append(
            Warning(
                "Redis gives a dead worker's wake-ups back after an hour.",
                hint="Set broker_transport_options['visibility_timeout'] (say 120).",
                id="permabots.W003",
            )
        )
    return found
