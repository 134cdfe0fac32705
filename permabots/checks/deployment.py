"""Checks of what a project that is on the internet needs: ``check --deploy``. None of them asks a server anything."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from permabots.conf import config_at_start, problems, webhook_base_url
from permabots.exceptions import ConfigurationError
from permabots.pipeline import cached


@register("permabots", deploy=True)
def check_domain(**_: Any) -> list[CheckMessage]:
    """The webhook domain can be used, where it is set: the Site's stands in the database, which nobody asks here."""
    if not (config_at_start().webhook_domain or getattr(settings, "MICROBOT_WEBHOOK_DOMAIN", None)):
        return []
    if problems(getattr(settings, "PERMABOTS", {})):
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
