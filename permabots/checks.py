"""System checks: what is wrong with the settings is said at start, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from permabots.conf import get_config, problems, webhook_base_url
from permabots.exceptions import ConfigurationError
from permabots.models import Bot
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


@register("permabots", Tags.database)
def check_tables(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The tables are not those of permabots 2.2.3, whose label is the same and whose data is not taken over."""
    return [
        Error(
            f"The database {alias!r} has tables of another permabots (2.2.3?): none of its data is taken over.",
            hint="Use a fresh database, or move the old tables and their rows in django_migrations out of the way.",
            id="permabots.E004",
        )
        for alias in databases or ()
        if (columns := _columns(alias)) and "revision" not in columns
    ]


def _columns(alias: str) -> set[str]:
    """Return the columns of the bots' table, none where it does not exist."""
    connection, table = connections[alias], Bot._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


@register("permabots", Tags.database)
def check_authentic(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every connected account has what proves that its provider itself is calling."""
    return [
        Warning(
            f"{row.provider.name} account {row.account} of the bot {row.bot} takes messages from everybody: nothing "
            "proves who sent them.",
            hint="Give it the secret that its provider signs with (Messenger: app_secret).",
            id="permabots.W005",
        )
        for alias in databases or ()
        if "revision" in _columns(alias)
        for provider in providers().values()
        for row in apps.get_model(provider.model)._default_manager.using(alias).exclude(bot=None).select_related("bot")
        if not provider.authenticates(row.values(provider.verify_fields))
    ]
