"""The rows of permabots as they were at one moment, put back by the database itself."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection


class Snapshot:
    """Copies of all tables, on PostgreSQL. The rows that are put back have the ids that they had."""

    def __init__(self) -> None:
        models: list[Any] = apps.get_app_config("permabots").get_models(include_auto_created=True)
        self._tables = [model._meta.db_table for model in models if not model._meta.proxy]
        self._each("CREATE UNLOGGED TABLE kept_{table} AS TABLE {table}")

    def restore(self) -> None:
        """Put all rows back as they were; there is nothing else then."""
        self._each("DELETE FROM {table}", "INSERT INTO {table} SELECT * FROM kept_{table}")

    def drop(self) -> None:
        """Forget the copies."""
        self._each("DROP TABLE kept_{table}")

    def _each(self, *statements: str) -> None:
        """Run statements for all tables, in one round trip, while no foreign key is looked at."""
        asked = "; ".join(statement.format(table=table) for statement in statements for table in self._tables)
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {asked}; COMMIT")
