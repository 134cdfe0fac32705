"""What has been said with a bot: too much to be read when the bot is deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import models

from permabots.models.chat import Chat
from permabots.models.conversation import Conversation
from permabots.models.inbox import InboundMessage
from permabots.models.notification import CallbackData, Notification
from permabots.models.outbox import OutboundMessage

BATCH = 1000
"""Rows that go in one statement, and in one transaction where there is none around it."""


def delete_traffic(bots: Collection[UUID], using: str | None = None) -> None:
    """Delete what was said with bots, a batch at a time, without reading more of it than its ids.

    Outside of a transaction each batch is one of its own: when it is broken off, the next call goes on.

    Args:
        bots: their ids.
        using: the database alias.
    """
    for rows in _traffic(bots, using):
        while pks := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
            rows.filter(pk__in=pks).order_by().only("pk").delete()


def _traffic(bots: Collection[UUID], using: str | None) -> Iterator[models.QuerySet[Any]]:
    """Yield the rows, those first that point to others."""
    yield OutboundMessage._base_manager.using(using).filter(conversation__bot__in=bots)
    for table in (InboundMessage, Notification, Conversation, Chat, CallbackData):
        yield table._base_manager.using(using).filter(bot__in=bots)
