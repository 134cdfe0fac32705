"""Deleting the conversations and messages of bots, in batches: they are too many to be read when a bot is deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import models

from permabots.models.accounts import account_tables
from permabots.models.callback_data import CallbackData
from permabots.models.chat import Chat
from permabots.models.conversation import Conversation
from permabots.models.inbox import InboundMessage
from permabots.models.notification import Notification
from permabots.models.outbox import OutboundMessage

BATCH = 1000
"""Rows that are deleted in one statement, and in one transaction where the caller has none."""


def delete_traffic(bots: Collection[UUID], using: str | None = None) -> None:
    """Delete the conversations and messages of bots, a batch at a time, reading only ids.

    Outside of a transaction each batch has a transaction of its own: after an interruption, the next call goes on.

    Args:
        bots: the bots' ids.
        using: the database alias.
    """
    for rows in _traffic(bots, using):
        _delete(rows)


def delete_stored(accounts: models.QuerySet[Any]) -> None:
    """Delete what this project holds for accounts in place of a provider's server, a batch at a time.

    Args:
        accounts: rows of one table of accounts.
    """
    for rows in accounts.model.stored_rows(accounts.order_by().values("pk")):
        _delete(rows)


def _delete(rows: models.QuerySet[Any]) -> None:
    while pks := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=pks).order_by().only("pk").delete()


def _traffic(bots: Collection[UUID], using: str | None) -> Iterator[models.QuerySet[Any]]:
    """Yield the rows by table; a table with foreign keys to others comes before them."""
    yield OutboundMessage._base_manager.using(using).filter(conversation__bot__in=bots)
    for table in (InboundMessage, Notification, Conversation, Chat, CallbackData):
        yield table._base_manager.using(using).filter(bot__in=bots)
    accounts: Any
    for accounts in account_tables().values():
        yield from accounts.stored_rows(accounts._base_manager.using(using).filter(bot__in=bots).values("pk"))
