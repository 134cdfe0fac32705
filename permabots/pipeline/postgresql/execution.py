"""Executing a statement on the connection that the ORM uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from permabots.database import connection


def is_used() -> bool:
    """Return whether the rows are in PostgreSQL."""
    return connection().vendor == "postgresql"


def one_line(sql: str) -> str:
    """Return a statement without its indentation: psycopg keeps what it makes of short statements only."""
    return " ".join(sql.split())


def prepared(model: type[Model], name: str, value: Any) -> Any:
    """Return a value as the column of a table takes it: a provider's text may need to be made to fit."""
    field: Any = model._meta.get_field(name)
    return field.get_prep_value(value)


def fetch_row(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Execute a statement and return the first row of its result, None for an empty one.

    Args:
        sql: the statement, with placeholders ``%(name)s``.
        values: the values by name.

    Raises:
        django.db.Error: the database refused it or is away.
    """
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def execute(sql: str, values: Mapping[str, Any]) -> int:
    """Execute a statement and return the number of rows that it changed.

    Args:
        sql: the statement, with placeholders ``%(name)s``.
        values: the values by name.

    Raises:
        django.db.Error: the database refused it or is away.
    """
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        count: int = cursor.rowcount
        return count
