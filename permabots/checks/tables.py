"""Checks that query the database: they run with ``check --database`` and before ``migrate``.

Before a migration a table may lack columns, so its rows are read only where it has all columns of its model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.models import Model

from permabots.checks.project import usable_providers
from permabots.models import Bot
from permabots.models.encrypted import encrypted_fields, is_readable, stored_values
from permabots.models.webhook_secret import missing_secret


@register("permabots", Tags.database)
def check_tables(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that the tables are not those of permabots 2.2.3, which has the same app label: they are not migrated."""
    return [
        Error(
            f"The database {alias!r} has tables of another permabots (2.2.3?): none of its data is taken over.",
            hint="Use a fresh database, or move the old tables and their rows in django_migrations out of the way.",
            id="permabots.E004",
        )
        for alias in databases or ()
        if (columns := _columns(alias, Bot)) and "revision" not in columns
    ]


@register("permabots", Tags.database)
def check_authentic(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that the webhook calls of every connected account can be authenticated."""
    return [
        Warning(
            f"{row.provider.name} account {row.account} of the bot {row.bot} "
            + ("takes no messages" if missing_secret(row) else "takes messages from everybody")
            + ": nothing proves who sent them.",
            hint="Give it the secret that its provider signs with (Messenger: app_secret).",
            id="permabots.W005",
        )
        for alias in databases or ()
        for provider in usable_providers()
        for row in _accounts(alias, provider.model)
        if _is_readable(row) and not provider.can_verify(row.values(provider.verify_fields))
    ]


@register("permabots", Tags.database, deploy=True)
def check_secrets(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that every stored secret can be decrypted."""
    return [
        Error(
            f"The database {alias!r} has {count} rows in {model._meta.db_table} whose secrets cannot be decrypted.",
            hint="Put the key that they were stored by into PERMABOTS['ENCRYPTION_KEYS'], behind the first one.",
            id="permabots.E008",
        )
        for alias in databases or ()
        for model in apps.get_models()
        if encrypted_fields(model) and _is_migrated(alias, model) and (count := _unreadable(alias, model))
    ]


@register("permabots", Tags.database)
def check_isolation(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that a statement of PostgreSQL sees what was committed before it: without, a turn is begun again."""
    return [
        Error(
            f"The transactions of the database {alias!r} are {level!r}: turns collide, and their messages are parked.",
            hint="Leave default_transaction_isolation and OPTIONS['isolation_level'] at 'read committed'.",
            id="permabots.E009",
        )
        for alias in databases or ()
        if connections[alias].vendor == "postgresql" and (level := _isolation(alias)) != "read committed"
    ]


def _isolation(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return str(cursor.fetchone()[0])


def _unreadable(alias: str, model: Any) -> int:
    names = [field.attname for field in encrypted_fields(model)]
    rows = model._base_manager.using(alias).only(*names)
    return sum(not _is_readable(row) for row in rows.iterator())


def _is_readable(row: Model) -> bool:
    return all(is_readable(value) for value in stored_values(row).values())


def _accounts(alias: str, name: str) -> Any:
    """Return a provider's accounts that belong to a bot; none before the tables are migrated."""
    model: Any = apps.get_model(name)
    if not (_is_migrated(alias, model) and _is_migrated(alias, Bot)):
        return ()
    return model._default_manager.using(alias).exclude(bot=None).select_related("bot")


def _is_migrated(alias: str, model: type[Model]) -> bool:
    """Whether the table has every column that its model names."""
    return {field.column for field in model._meta.local_concrete_fields} <= _columns(alias, model)


def _columns(alias: str, model: type[Model]) -> set[str]:
    """Return the columns of a table, none where it does not exist."""
    connection, table = connections[alias], model._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}
