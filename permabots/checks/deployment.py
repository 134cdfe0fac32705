"""Checks of a deployed project: ``check --deploy``. None of them calls a server or the database."""

from __future__ import annotations

from typing import Any

from celery import current_app
from celery.signals import setup_logging
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register

from permabots.addresses import webhook_base_url
from permabots.conf import config_at_start, problems
from permabots.database import connection
from permabots.exceptions import ConfigurationError
from permabots.pipeline.postgresql import execution
from permabots.pipeline.receiving import webhook_cache


@register("permabots", deploy=True)
def check_domain(**_: Any) -> list[CheckMessage]:
    """Check the webhook domain, where a setting has it: these checks do not read the Site's row."""
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
    """Check that all processes share the cache, where webhooks use it or calls are counted in it."""
    if not webhook_cache.is_local():
        return []
    late = [] if execution.is_used() else ["a changed integration is noticed up to 2 seconds late"]
    alone = ["each process counts API calls by itself"] if config_at_start().api_throttles else []
    return [
        Warning(
            f"The default cache belongs to one process: {found}.",
            hint="Set CACHES['default'] to a server that all processes share, such as Redis.",
            id="permabots.W001",
        )
        for found in [*late, *alone]
    ]


@register("permabots", deploy=True)
def check_prepared_statements(**_: Any) -> list[CheckMessage]:
    """Check that PostgreSQL keeps statements prepared."""
    options = connection().settings_dict["OPTIONS"]
    if not execution.is_used() or (options.get("server_side_binding") and options.get("prepare_threshold") is not None):
        return []
    return [
        Info(
            "PostgreSQL plans each statement anew for every message, which is most of its work.",
            hint="Set OPTIONS['server_side_binding'] = True and OPTIONS['prepare_threshold'] = 5, unless a pooler in "
            "front of PostgreSQL knows no prepared statements.",
            id="permabots.I001",
        )
    ]


@register("permabots", deploy=True)
def check_celery(**_: Any) -> list[CheckMessage]:
    """Check that Celery keeps database connections, and soon redelivers the wake-ups of a dead worker."""
    warnings: list[CheckMessage] = []
    if not current_app.conf.get("CELERY_DB_REUSE_MAX"):
        warnings.append(
            Warning(
                "Celery closes the database connection around every task.",
                hint="Set app.conf['CELERY_DB_REUSE_MAX'] (say 100000): it more than doubles the messages per second.",
                id="permabots.W002",
            )
        )
    if (fetched := current_app.conf.worker_prefetch_multiplier) != 1:
        warnings.append(
            Warning(
                f"Each process of a worker fetches {fetched or 'any number of'} tasks ahead: an answer waits for "
                "notifications that were fetched before it.",
                hint="Set CELERY_WORKER_PREFETCH_MULTIPLIER = 1.",
                id="permabots.W015",
            )
        )
    options = current_app.conf.broker_transport_options or {}
    if str(current_app.conf.broker_url).startswith("redis") and "visibility_timeout" not in options:
        warnings.append(
            Warning(
                "Redis gives a dead worker's wake-ups back after an hour.",
                hint="Set broker_transport_options['visibility_timeout'] (say 120).",
                id="permabots.W003",
            )
        )
    return warnings


@register("permabots", deploy=True)
def check_broker(**_: Any) -> list[CheckMessage]:
    """Check that a Celery application has a broker: else no wake-up and no sweep is ever published."""
    url = str(current_app.conf.broker_write_url or "")
    if current_app.conf.task_always_eager or (url and not url.startswith("memory")):
        return []
    problem = "Celery's broker is the memory of one process" if url else "No Celery application has a broker"
    return [
        Warning(
            f"{problem}: no worker hears of a message.",
            hint="Set CELERY_BROKER_URL, and import the Celery application in the __init__.py of your project.",
            id="permabots.W010",
        )
    ]


@register("permabots", deploy=True)
def check_worker_logs(**_: Any) -> list[CheckMessage]:
    """Check that the workers use a logging configuration with permabots in it: Celery replaces it by default."""
    wanted = "permabots.logs" in repr(settings.LOGGING)
    if not wanted or not current_app.conf.worker_hijack_root_logger or setup_logging.receivers:
        return []
    return [
        Warning(
            "LOGGING is not that of the workers: Celery replaces the handlers of the root logger.",
            hint="Set CELERY_WORKER_HIJACK_ROOT_LOGGER = False, or connect a receiver to celery.signals.setup_logging.",
            id="permabots.W011",
        )
    ]


@register("permabots", deploy=True)
def check_encryption_keys(**_: Any) -> list[CheckMessage]:
    """Check that what is secret in the database has keys of its own."""
    if settings.DEBUG or config_at_start().encryption_keys:
        return []
    return [
        Warning(
            "PERMABOTS['ENCRYPTION_KEYS'] is not set: credentials are encrypted with a key derived from SECRET_KEY, "
            "and are lost with it.",
            hint=f"Make a key with {MAKES_KEY}, set it, and run manage.py permabots_rotate_keys.",
            id="permabots.W013",
        )
    ]


MAKES_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
