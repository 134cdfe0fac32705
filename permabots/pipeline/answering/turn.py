"""One turn: a message in, the engine's outcome, and one transaction that stores all of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error
from django.db.models import F
from django.db.models.functions import Now

from permabots import logs, metrics
from permabots.conf import Config, get_config
from permabots.engine.turn_values import Outcome
from permabots.exceptions import UNFORESEEN, Busy, LeaseLost, SecretUnreadable
from permabots.models import ChatState, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.conversation import QueueQuerySet
from permabots.pipeline.answering import message_order, storing, translation, worker_deaths
from permabots.pipeline.answering.compiled_bots import compiled
from permabots.pipeline.lease import Lease
from permabots.pipeline.next_work import contexts_of
from permabots.pipeline.user_api import guarded_client
from permabots.providers.base.contract import Provider
from permabots.values import Inbound

logger = logs.get_logger(__name__)

Status = InboundMessage.Status


def run(lease: Lease, row: InboundMessage, slug: str) -> list[OutboundMessage]:
    """Answer one message.

    Args:
        lease: the hold on its conversation.
        row: as `permabots.pipeline.next_work` found it.
        slug: the provider.

    Returns:
        The rows of the answer, committed; the first is already claimed by this worker and must be sent at once.

    Raises:
        LeaseLost: the conversation or the message is no longer ours; nothing of the turn was written.
        Busy: its author's APIs, or all, are called as often as they may be at once; the turn does not count as begun.
        SecretUnreadable: a variable of the bot cannot be decrypted; the turn does not count as begun.
    """
    config = get_config()
    integration = row.conversation.bot.integration(slug)
    worker_deaths.note(row, _pending(lease, row))
    if (refusal := _refusal(row, integration, config)) is not None or integration is None:
        _finish(lease, row, *(refusal or (Status.PARKED, "")))
        return []
    if not row.is_counted:
        _count(lease, row)
    with _recorded(lease, row):
        inbound = translation.with_stored_data(row.inbound(), row.conversation.bot_id)
        lease.ensure(config.request_timeout + config.render_timeout)
        try:
            with worker_deaths.one_at_a_time(row.conversation.bot):
                outcome = _answer(row, inbound, integration.provider)
                payloads = translation.calls(integration.provider, inbound, outcome)
        except Busy:
            _uncount(lease, row)
            logger.info("message %s waits: as many requests are in flight as may be", row.pk)
            raise
        except SecretUnreadable as error:
            _uncount(lease, row, error=str(error))
            raise
        return storing.store(storing.Turn(lease, row, integration, inbound, outcome, payloads))


def _refusal(row: InboundMessage, integration: IntegrationBot | None, config: Config) -> tuple[Status, str] | None:
    """Return why a message is not answered at all, and its status then."""
    if integration is None or integration.pk != row.integration_id:
        return Status.PARKED, "its integration was removed or replaced"
    if not integration.enabled:
        return Status.SKIPPED, "the integration is disabled"
    if row.attempts >= config.turn_attempts:
        last = f", the last time with {row.error}" if row.error and not worker_deaths.is_of_death(row.error) else ""
        return Status.PARKED, f"begun {row.attempts} times without coming to an end{last}"
    return None


def _pending(lease: Lease, row: InboundMessage) -> QueueQuerySet[InboundMessage]:
    """Return the row of a message while it is ours and not finished.

    By its conversation too: PostgreSQL would read the index of all unfinished messages when it believes there are none.
    """
    rows = InboundMessage.objects.filter(pk=row.pk, conversation=lease.conversation_id, status=Status.PENDING)
    return rows.with_lease(lease.lease_token)


def _finish(lease: Lease, row: InboundMessage, status: Status, error: str) -> None:
    pending = _pending(lease, row)
    if not pending.update(status=status, error=error, handled_at=Now()):
        raise LeaseLost(f"message {row.pk} is no longer ours")
    logger.info("message %s %s: %s", row.pk, status, error)
    metrics.turn_done(row.provider, status)


def _count(lease: Lease, row: InboundMessage) -> None:
    """Commit the attempt before anything of the turn runs: a message that kills its worker is parked in the end."""
    if not _pending(lease, row).count_attempt():
        raise LeaseLost(f"message {row.pk} is no longer ours")


def _uncount(lease: Lease, row: InboundMessage, **values: str) -> None:
    """Take back an attempt that ended for a reason outside of the message."""
    _pending(lease, row).update(attempts=F("attempts") - 1, **values)


@contextmanager
def _recorded(lease: Lease, row: InboundMessage) -> Iterator[None]:
    """Note an unforeseen error with the message, so that it can be told why it was parked. The log has its name."""
    try:
        yield
    finally:
        error = sys.exception()
        if error is not None and not isinstance(error, LeaseLost | Busy | SecretUnreadable | Error):
            name = type(error).__name__
            logger.error("turn of message %s failed: %s", row.pk, name)
            _pending(lease, row).update(error=UNFORESEEN)
            metrics.turn_done(row.provider, "retry")


def _answer(row: InboundMessage, inbound: Inbound, provider: Provider) -> Outcome:
    """Run the engine. No transaction is open: it may call the user's API."""
    conversation = row.conversation
    chat_state: ChatState | None = getattr(conversation, "chat_state", None)
    turn = translation.turn_input(
        provider,
        inbound,
        state=chat_state.state.definition() if chat_state else None,
        contexts=lambda: contexts_of(row),
        idempotency_key=logs.correlation(row.integration_id, row.external_id),
        fallback=conversation.bot.fallback_text,
    )
    known: Any = row
    bot = conversation.bot
    api = guarded_client.BotApi(bot.pk, bot.owner_id, has_recent_failures=known.has_failing_api)
    outcome = compiled(bot).answer(turn, api)
    if message_order.is_late(row):
        outcome.trace["late"] = "a later message was answered before this one arrived"
    return outcome
