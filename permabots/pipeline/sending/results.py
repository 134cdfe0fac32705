"""What is written of a call that was made: its end, or that it goes again in another form or to another chat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone

from permabots import logs
from permabots.exceptions import (
    ContentRefused,
    CredentialsRefused,
    LeaseLost,
    ProviderError,
    RecipientGone,
)
from permabots.models import Chat, InboundMessage, IntegrationBot, OutboundMessage
from permabots.pipeline.answering import translation
from permabots.pipeline.sending import attempt_limit

logger = logs.get_logger(__name__)

Status = OutboundMessage.Status


def mark(row: OutboundMessage, status: Status, **values: Any) -> None:
    """Write the result of this very attempt.

    Raises:
        LeaseLost: somebody claimed the row again meanwhile; their result counts.
    """
    attempt = OutboundMessage.objects.filter(pk=row.pk, status=Status.STARTED, attempts=row.attempts)
    if not attempt.update(status=status, **values):
        raise LeaseLost(f"outgoing message {row.pk} was claimed again")
    row.status = status


def end(row: OutboundMessage, status: Status, error: str) -> None:
    """Write that a call came to nothing, and count it."""
    attempt_limit.count(row, status)
    mark(row, status, error=error)


def park(row: OutboundMessage, error: ProviderError, integration: IntegrationBot) -> None:
    optional = row.call().optional
    if not optional:
        logger.warning("outgoing message %s parked: %s: %s", row.pk, type(error).__name__, error)
    if isinstance(error, RecipientGone) and not optional:
        Chat.objects.mark_gone(row.conversation)
    if isinstance(error, CredentialsRefused):
        type(integration)._default_manager.filter(pk=integration.pk).update(
            last_error=str(error), last_error_at=timezone.now()
        )
    end(row, attempt_limit.given_up(row), f"{type(error).__name__}: {error}")


def simplify(row: OutboundMessage, error: ContentRefused, integration: IntegrationBot) -> float | None:
    """Put a row back in its plainest form, once; parked where it has none. What was refused, nobody has seen."""
    call = row.call()
    plainer = None if call.plain or call.optional else integration.provider.plainest(call, error.message)
    if plainer is None:
        park(row, error, integration)
        return None
    logger.warning("outgoing message %s is refused as it is, and sent in its plainest form", row.pk)
    attempt_limit.count(row, Status.PENDING)
    text = f"refused as it was, and sent in its plainest form: {error}"
    mark(row, Status.PENDING, payload=OutboundMessage.stored(replace(plainer, plain=True)), error=text)
    _note(row)
    return 0.0


def _note(row: OutboundMessage) -> None:
    """Tell in the trace of the message that a row answers that it takes its plainest form."""
    if row.inbound_id is None:
        return
    message = InboundMessage.objects.filter(pk=row.inbound_id)
    if (trace := message.values_list("trace", flat=True).first()) is not None:
        translation.note(trace, [f"outgoing message {row.pk} was refused as it was: it is sent in its plainest form"])
        message.update(trace=trace)
