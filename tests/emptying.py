"""Emptying the database after a test that committed.

Django's own way truncates every table and lets `post_migrate` write all permissions and content types anew, which takes
longer than most tests. Here the few rows there are go one table after another, and what migrations wrote stays.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connections
from django.test import TransactionTestCase

KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})
"""Tables that no test changes."""


def install() -> None:
    """Have tests empty the database in this way from now on."""
    TransactionTestCase._fixture_teardown = _empty


def _empty(self: TransactionTestCase) -> None:
    for alias in self._databases_names(include_mirrors=False):
        connection = connections[alias]
        known = frozenset(connection.introspection.django_table_names(only_existing=False))
        deletes = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in _existing(alias, known)]  # noqa: S608 - Django's
        with connection.cursor() as cursor:
            _delete(connection, cursor, deletes)


@cache
def _existing(alias: str, known: frozenset[str]) -> list[str]:
    """Return which of the tables that Django knows are there: asked once, it costs as much as emptying them."""
    return sorted(known.intersection(connections[alias].introspection.table_names()) - KEPT)


def _delete(connection: Any, cursor: Any, deletes: list[str]) -> None:
    """Delete all rows, in whatever order the tables refer to each other."""
    if connection.vendor == "postgresql":
        # Triggers of foreign keys do not fire in this role.
        cursor.execute(f"SET session_replication_role = replica; {'; '.join(deletes)}; RESET session_replication_role")
    else:
        with connection.constraint_checks_disabled():
            for delete in deletes:
                cursor.execute(delete)
