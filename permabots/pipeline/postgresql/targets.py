"""Reading the account that a webhook's address names, as `permabots.pipeline.receiving.webhook_cache` does by the ORM.

One statement costs less than a call of Django's cache in Redis, so nothing of it is cached.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from permabots.models import Bot
from permabots.models.registry import model_of, providers
from permabots.pipeline.postgresql.execution import Converter, converter, fetch_row, quoted, statement

TARGET = """
SELECT a.enabled, b.id, coalesce(b.separate_topics, false), coalesce(b.owner_id::text, ''),
       coalesce(p.external_id, ''), coalesce(p.username, '') {secrets}
FROM {account} a LEFT JOIN permabots_bot b ON {account_of_bot} LEFT JOIN permabots_contact p ON p.id = a.user_api_id
WHERE a.id = %(account)s AND a.status <> 'removing'"""

KNOWN = 6
"""The columns before those of `Provider.verify_fields`."""


def read(slug: str, pk: UUID) -> tuple[Any, ...] | None:
    """Return what a webhook needs of an account; None where there is none, or it is being removed.

    Args:
        slug: the provider.
        pk: the account's id.

    Returns:
        Whether it is enabled, its bot's id, whether that keeps topics apart and its owner's id as text, the account's
        id and name at the provider, and the columns of `Provider.verify_fields`, as rows have them.
    """
    if (row := fetch_row(_target(slug), {"account": pk})) is None:
        return None
    known, columns = row[:KNOWN], row[KNOWN:]
    return *known, *(read(value) if read else value for read, value in zip(_converters(slug), columns, strict=True))


def account_of_bot(slug: str) -> str:
    """Return the condition that an account ``a`` is that of a bot ``b`` at a provider."""
    field: Any = Bot._meta.get_field(f"{slug}_bot")
    return f"a.id = b.{quoted(field.column)}" if field.concrete else f"a.{quoted(field.field.column)} = b.id"


@cache
def _converters(slug: str) -> list[Converter | None]:
    return [converter(model_of(slug)._meta.get_field(name)) for name in providers()[slug].verify_fields]


@cache
def _target(slug: str) -> str:
    model: Any = model_of(slug)
    secrets = "".join(f", a.{quoted(model._meta.get_field(name).column)}" for name in providers()[slug].verify_fields)
    names = {"account": quoted(model._meta.db_table), "account_of_bot": account_of_bot(slug)}
    return statement(TARGET.format(secrets=secrets, **names))
