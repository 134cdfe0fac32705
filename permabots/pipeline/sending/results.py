"""Writing the result of a call: its end, or that it is made again in another form or for another chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models.functions import Now
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
from permabots.pipeline.postgresql import deliveries, execution
from permabots.pipeline.sending import attempt_limit, fallback

logger = logs.get_logger(__name__)

Status = OutboundMessage.Status

ELSEWHERE = "refused for its topic, and sent to the whole chat"
PLAINEST = "refused as it was, and sent in its plainest form"
REPLACED = "refused in every form, and the bot's fallback text is sent in its place"


def mark(row: OutboundMessage, status: Status, **values: Any) -> None:
    """Write the result of this very attempt.

    Raises:
        LeaseLost: somebody claimed the row again meanwhile; their result counts.
    """
    attempt = OutboundMessage.objects.filter(pk=row.pk, status=Status.STARTED, attempts=row.attempts)
    if not attempt.update(status=status, **values):
        raise LeaseLost(f"outgoing message {row.pk} was claimed again")
    row.status = status


def mark_sent(row: OutboundMessage, message_id: str, error: str) -> None:
    """Write that this very attempt sent the row.

    Raises:
        LeaseLost: as `mark` does.
    """
    if not execution.is_used():
        mark(row, Status.SENT, provider_message_id=message_id, sent_at=Now(), error=error)
        return
    if not deliveries.mark_sent(row, message_id, error):
        raise LeaseLost(f"outgoing message {row.pk} was claimed again")
    row.status = Status.SENT


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
    """Put a row back in a form that the provider may take; nobody has seen the form that it refused.

    Where its topic was refused, that is the same for the whole chat; else its plainest form, once; then the bot's
    fallback text, once for an answer; parked where there is none.
    """
    call, provider = row.call(), integration.provider
    if (elsewhere := provider.without_topic(call, error.message)) is not None:
        logger.warning("outgoing message %s is refused for its topic, and sent to the whole chat", row.pk)
        _again(row, {**OutboundMessage.stored(elsewhere), "whole_chat": True}, f"{ELSEWHERE}: {error}")
        _note(row, "for its topic: it is sent to the whole chat")
        return 0.0
    plainer = None if call.plain or call.optional else provider.plainest(call, error.message)
    if plainer is None:
        return _replace(row, error, integration)
    logger.warning("outgoing message %s is refused as it is, and sent in its plainest form", row.pk)
    _again(row, OutboundMessage.stored(replace(plainer, plain=True)), f"{PLAINEST}: {error}")
    _note(row, "as it was: it is sent in its plainest form")
    return 0.0


def _replace(row: OutboundMessage, error: ContentRefused, integration: IntegrationBot) -> float | None:
    """Have the bot's fallback text said in place of what is refused in every form; park that where there is none."""
    instead = None if row.call().optional else fallback.in_place_of(row, integration)
    if instead is None:
        park(row, error, integration)
        return None
    logger.warning("outgoing message %s is refused in every form, and the fallback text sent in its place", row.pk)
    _again(row, {**row.payload, **OutboundMessage.stored(instead), "fallback": True}, f"{REPLACED}: {error}")
    _note(row, "in every form: the bot's fallback text is sent in its place")
    return 0.0


def _again(row: OutboundMessage, payload: Mapping[str, object], error: str) -> None:
    attempt_limit.count(row, Status.PENDING)
    mark(row, Status.PENDING, payload=payload, error=error)


def _note(row: OutboundMessage, what: str) -> None:
    """Tell in the trace of the message that a row answers what it was refused for, and what becomes of it."""
    if row.inbound_id is None:
        return
    message = InboundMessage.objects.filter(pk=row.inbound_id)
    if (trace := message.values_list("trace", flat=True).first()) is not None:
        translation.note(trace, [f"outgoing message {row.pk} was refused {what}"])
        message.update(trace=trace)
