"""What the log says of the row in hand: one block for each thing that is worked on."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from permabots import logs
from permabots.models import InboundMessage, OutboundMessage


def event(provider: str, bot_id: UUID | None, integration_id: UUID, external_id: str) -> AbstractContextManager[None]:
    """Records are about an event that is being stored."""
    return logs.bind(provider=provider, bot=bot_id, correlation=logs.correlation(integration_id, external_id))


def inbound(row: InboundMessage) -> AbstractContextManager[None]:
    """Records are about a message that is being answered."""
    known = logs.correlation(row.integration_id, row.external_id)
    return logs.bind(bot=row.conversation.bot_id, inbound=row.pk, correlation=known)


def outbound(row: OutboundMessage) -> AbstractContextManager[None]:
    """Records are about a call that was left from before: as `permabots.pipeline.next_work.next_outbound` reads it."""
    found: Any = row
    known = (
        logs.correlation(found.integration_id, found.external_id)
        if row.inbound_id
        else f"permabots-notification-{row.notification_id}"
    )
    return logs.bind(
        bot=row.conversation.bot_id,
        inbound=row.inbound_id,
        outbound=row.pk,
        notification=row.notification_id,
        correlation=known,
    )


def notification(pk: int) -> AbstractContextManager[None]:
    """Records are about a notification whose recipients get their rows."""
    return logs.bind(notification=pk, correlation=f"permabots-notification-{pk}")
