"""Executing a statement on the connection that the ORM uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import NotSupportedError
from django.db.models import Field, Model

from permabots.database import close_with_stale_plans, connection

Result = TypeVar("Result")


def is_used() -> bool:
    """Return whether the rows are in PostgreSQL."""
    return connection().vendor == "postgresql"


TYPES = {
    "bigint": ("conversation", "id", "last_provider_sequence"),
    "integer": ("attempts", "contexts_size", "few"),
    "uuid": ("account", "bot", "contact", "new_id", "state", "token"),
    "jsonb": ("contexts", "payloads", "trace"),
    "timestamptz": ("last_received_at", "now", "since"),
    "interval": (
        "account_step",
        "account_tolerance",
        "chat_step",
        "chat_tolerance",
        "chat_set_back",
        "set_back",
        "lease",
    ),
    "text": ("chat", "error", "first_name", "last_name", "message_id", "person", "provider", "status", "username"),
}
"""The types of the values of statements. A server that gets values apart from the statement guesses wrong without."""

_TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names}


def statement(sql: str, **types: str) -> str:
    """Return a statement with the types of its values.

    Its indentation is taken away: psycopg keeps what it makes of short statements only.

    Args:
        sql: the statement, with placeholders ``%(name)s``.
        types: the types of values that are not in `TYPES`.
    """
    known = _TYPE_OF | types
    return re.sub(r"%\((\w+)\)s", lambda found: f"{found[0]}::{known[found[1]]}", " ".join(sql.split()))


def column_value(model: type[Model], name: str, value: Any) -> Any:
    """Return a value as the column of a table takes it: a provider's text may need to be made to fit."""
    field: Any = model._meta.get_field(name)
    return field.get_prep_value(value)


Converter = Callable[[Any], Any]


def converter(field: Field[Any, Any]) -> Converter | None:
    """Return what makes a row's value of a column's, as the ORM does: of JSON, of a secret. None where they are equal.

    Args:
        field: the column.
    """
    read: Any = getattr(field, "from_db_value", None)
    return None if read is None else lambda value: read(value, None, connection())


def quoted(name: str) -> str:
    """Return the name of a table or a column as a statement has it: another package may have chosen any."""
    return connection().ops.quote_name(name).replace("%", "%%")


def fetch_row(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Execute a statement and return the first row of its result, None for an empty one.

    Args:
        sql: the statement, with placeholders ``%(name)s``.
        values: the values by name.

    Raises:
        django.db.Error: the database refused it or is away.
    """
    return _executed(sql, values, _first)


def execute(sql: str, values: Mapping[str, Any]) -> int:
    """Execute a statement and return the number of rows that it changed.

    Args:
        sql: the statement, with placeholders ``%(name)s``.
        values: the values by name.

    Raises:
        django.db.Error: the database refused it or is away.
    """
    return _executed(sql, values, _count)


def _executed(sql: str, values: Mapping[str, Any], result: Callable[[Any], Result]) -> Result:
    """Execute a statement; once more where a table was changed since it was prepared, as it has done nothing then."""
    try:
        return _try(sql, values, result)
    except NotSupportedError as error:
        if not close_with_stale_plans(error):
            raise
    return _try(sql, values, result)


def _try(sql: str, values: Mapping[str, Any], result: Callable[[Any], Result]) -> Result:
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        return result(cursor)


def _first(cursor: Any) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _count(cursor: Any) -> int:
    return int(cursor.rowcount)
