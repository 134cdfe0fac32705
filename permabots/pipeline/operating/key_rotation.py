"""Encrypting what is secret in the database with the first key, while everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from permabots.database import alias
from permabots.models import IntegrationBot
from permabots.models.encrypted import encrypted_fields, is_readable, stored_values
from permabots.models.integration import integration_changed
from permabots.security.encryption import rotated


@dataclass(slots=True)
class RotationResult:
    """What became of the rows of one table.

    Attributes:
        table: its name.
        encrypted: rows that are encrypted with the first key now, and were not before.
        unchanged: rows that were so already.
        unreadable: rows with a secret that no key decrypts; it is left as it is.
    """

    table: str
    encrypted: int = 0
    unchanged: int = 0
    unreadable: int = 0


def rotate_keys(batch: int) -> Iterator[RotationResult]:
    """Encrypt all secrets with the first key; each table is done when its result comes.

    It can be killed and run again. No transaction is open, and a row is written only where its secrets are those that
    were read: what others write at the same time stays.

    Args:
        batch: rows that are read in one go.
    """
    for model in apps.get_models():
        if encrypted_fields(model) and not model._meta.proxy:
            result = RotationResult(model._meta.db_table)
            for row in _rows(model, batch):
                _rotate(model, row, result)
            yield result


def _rows(model: Any, batch: int) -> Iterator[Any]:
    last: Any = None
    while rows := list(_secrets(model, **({} if last is None else {"pk__gt": last})).order_by("pk")[:batch]):
        yield from rows
        last = rows[-1].pk


def _secrets(model: Any, **conditions: Any) -> QuerySet[Any]:
    names = [field.attname for field in encrypted_fields(model)]
    return QuerySet(model, using=alias()).filter(**conditions).only(*names)


def _rotate(model: Any, row: Any, result: RotationResult) -> None:
    """Encrypt the secrets of one row; where somebody else writes them at this moment, look again."""
    while row is not None:
        stored = stored_values(row)
        readable = {name: value for name, value in stored.items() if is_readable(value)}
        new = {name: it for name, value in readable.items() if (it := rotated(value)) is not value}
        if not new or _write(model, row.pk, {name: stored[name] for name in new}, new):
            result.unreadable += len(readable) < len(stored)
            result.encrypted += bool(new)
            result.unchanged += not new and len(readable) == len(stored)
            return
        row = _secrets(model, pk=row.pk).first()


def _write(model: Any, pk: Any, before: dict[str, Any], new: dict[str, Any]) -> bool:
    """Write secrets where they are as they were read. Nothing that depends on them changes but what caches keep."""
    if not QuerySet(model, using=alias()).filter(pk=pk, **before).update(**new):
        return False
    if issubclass(model, IntegrationBot):
        integration_changed.send(model, pk=pk)
    return True
