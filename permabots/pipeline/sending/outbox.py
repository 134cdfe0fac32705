"""Delivery: the unfinished rows of one conversation leave in order, each claimed before its request goes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from permabots import logs, metrics
from permabots.conf import get_config
from permabots.database import atomic, connection
from permabots.exceptions import (
    Busy,
    ContentRefused,
    LeaseLost,
    PermanentError,
    RecipientMoved,
    Retryable,
    SecretUnreadable,
)
from permabots.models import Chat, InboundMessage, IntegrationBot, OutboundMessage
from permabots.pipeline.answering import worker_deaths
from permabots.pipeline.lease import Lease
from permabots.pipeline.sending import account_floods, attempt_limit, rate_limit, results
from permabots.pipeline.sending.chat_migration import follow
from permabots.providers.base.contract import Client
from permabots.values import Receipt

logger = logs.get_logger(__name__)

Status = OutboundMessage.Status

RETRY_AFTER_FACTOR = 10
"""A provider that says how long to wait is asked this many times as often before a message is parked."""

MOVES = 3
"""How often a message follows its chat to another id: a provider that names one each time would keep it for ever."""


def deliver(lease: Lease, rows: Sequence[OutboundMessage], integration: IntegrationBot | None) -> float | None:
    """Send rows of one conversation, in order, until one has to wait.

    Args:
        lease: the hold on the conversation.
        rows: consecutive rows of one group; one that `is_new` is claimed already.
        integration: the account they leave by; None where the bot has none any more.

    Returns:
        Seconds to wait before the rest may be tried (the conversation is due only then), None when all are finished.

    Raises:
        LeaseLost: the conversation or a row is no longer ours.
    """
    if integration is None or not integration.enabled:
        _give_up(lease, rows, integration)
        return None
    if (wait := _pause(integration)) > 0:
        return _put_off(rows, wait)
    try:
        with worker_deaths.one_at_a_time(rows[0].conversation.bot):
            return _deliver_each(lease, rows, integration)
    except Busy as busy:
        return _put_off(rows, busy.seconds)


def _deliver_each(lease: Lease, rows: Sequence[OutboundMessage], integration: IntegrationBot) -> float | None:
    """Send rows until one has to wait; the seconds it has to, None when all are finished."""
    for row in rows:
        with attempt_limit.bounded(lease, row):
            pause = _deliver_one(lease, row, integration)
        if pause is not None:
            return pause
    return None


def _deliver_one(lease: Lease, row: OutboundMessage, integration: IntegrationBot) -> float | None:
    """Send one row; seconds to wait when it has to be tried again, None when it is finished."""
    if row.status == Status.STARTED and not row.is_new and attempt_limit.parked_after_last_attempt(lease, row):
        return None
    if (wait := rate_limit.reserve_send_slot(row, integration)) > 0:
        return _put_off([row], wait)
    try:
        client = integration.client()
    except SecretUnreadable as error:
        logger.error("outgoing message %s waits: %s", row.pk, error)  # noqa: TRY400 - the text says all
        return _put_off([row], error.RETRY_AFTER, "" if row.keeps_error else str(error))
    if not row.is_new:
        _claim(lease, row, integration.SLUG)
    return _send(lease, row, client, integration)


def _give_up(lease: Lease, rows: Sequence[OutboundMessage], integration: IntegrationBot | None) -> None:
    """Finish rows that cannot leave: skipped while the account is disabled, parked when there is none."""
    status, error = Status.PARKED, "its integration was removed or replaced"
    if integration is not None:
        status, error = Status.SKIPPED, "the integration is disabled"
    mine = OutboundMessage.objects.unfinished().filter(pk__in=[row.pk for row in rows]).with_lease(lease.lease_token)
    if not (ended := mine.update(status=status, error=error)):
        raise LeaseLost(f"outgoing message {rows[0].pk} is no longer ours")
    metrics.send_done(rows[0].conversation.provider, status, ended)


def _pause(integration: IntegrationBot) -> float:
    """Return for how many seconds nothing may be sent by this account."""
    until = integration.paused_until
    return 0.0 if until is None else (until - timezone.now()).total_seconds()


def _put_off(rows: Sequence[OutboundMessage], seconds: float, error: str = "") -> float:
    """Postpone rows that were not tried; where the turn claimed the first one already, its attempt is taken back.

    The first one says the error, where there is one.
    """
    Chat.objects.postpone(rows[0].conversation, seconds)
    noted = {"error": error} if error else {}
    if rows[0].is_new:
        results.mark(rows[0], Status.PENDING, attempts=0, **noted)
    elif noted:
        attempt_limit.as_read(rows[0]).update(**noted)
    return seconds


def _claim(lease: Lease, row: OutboundMessage, slug: str) -> None:
    """Mark a row as started, committed before its request leaves, so that every possible double shows.

    Raises:
        LeaseLost: the row, the lease, the account or the chat's due time is not as it was read: look again.
    """
    claimable = attempt_limit.as_read(row)
    sending = {f"bot__{slug}_bot__enabled": True}
    if not claimable.with_lease(lease.lease_token, due=True, **sending).count_attempt(
        status=Status.STARTED, interrupted=row.interrupted
    ):
        raise LeaseLost(f"outgoing message {row.pk} is no longer ours")
    if row.status == Status.STARTED:
        logger.warning("possible double: outgoing message %s was started before and never finished", row.pk)
        attempt_limit.count_death(row)
    row.status, row.attempts = Status.STARTED, row.attempts + 1


def _send(lease: Lease, row: OutboundMessage, client: Client, integration: IntegrationBot) -> float | None:
    """Make the call, write down what came of it and tell it; seconds to wait when it has to be made again."""
    with logs.bind(outbound=row.pk):
        wait = _call(lease, row, client, integration)
        logger.info("outgoing message %s %s, attempt %s", row.pk, row.status, row.attempts)
    if row.status == Status.SENT and row.part == 0 and (received := _received(row)) is not None:
        metrics.observe("answer", integration.SLUG, (timezone.now() - received).total_seconds())
    return wait


def _received(row: OutboundMessage) -> datetime | None:
    """Return when the message came that a row answers, None where it answers none: it is a notification's, or takes the
    place of an answer that failed. It asks the database nothing.
    """
    if row.inbound_id is None:
        return None
    known: Any = row
    status = known.inbound.status if row.is_new else known.inbound_status
    received: datetime = known.inbound.received_at if row.is_new else known.received_at
    return None if status == InboundMessage.Status.FAILED else received


def _call(lease: Lease, row: OutboundMessage, client: Client, integration: IntegrationBot) -> float | None:
    timeout = get_config().send_timeout
    lease.ensure(timeout)
    try:
        with metrics.timed("send", integration.SLUG):
            receipt = client.send(row.call(), timeout)
    except Retryable as error:
        return _try_again(row, error, integration)
    except RecipientMoved as error:
        return _follow(lease, row, error, integration)
    except ContentRefused as error:
        return results.simplify(row, error, integration)
    except PermanentError as error:
        results.park(row, error, integration)
        return None
    _sent(lease, row, receipt)
    return None


def _sent(lease: Lease, row: OutboundMessage, receipt: Receipt) -> None:
    """Write that a row was sent: the one statement worth trying again while the database is away.

    Each success is a double less. It is fenced by the attempt and not by the lease: that it was sent is a fact.
    """
    attempt_limit.count(row, Status.SENT)
    error = row.error if row.keeps_error else ""
    while True:
        try:
            results.mark_sent(row, receipt.message_id, error)
        except attempt_limit.AWAY:
            if connection().in_atomic_block or time.monotonic() > lease.deadline:
                raise
            connection().close()
            time.sleep(0.2)
        else:
            return


def _try_again(row: OutboundMessage, error: Retryable, integration: IntegrationBot) -> float | None:
    """Put a row back for later, or park it after its last attempt; seconds to wait, None to go on with the next.

    The chat is told to wait before the row is put back: nobody can find the row pending and the chat due.
    """
    config = get_config()
    if error.retry_after is not None:
        rate_limit.drain_burst(integration)
    optional = row.call().optional
    limit = config.send_attempts * (1 if error.retry_after is None else RETRY_AFTER_FACTOR)
    final = optional or row.attempts >= limit
    wait = (
        attempt_limit.backoff(row.attempts, config.retry_base, config.retry_max)
        if error.retry_after is None
        else error.retry_after
    )
    account_floods.note(row, error, integration, wait)
    if error.retry_after is not None or not final:
        Chat.objects.postpone(row.conversation, wait)
    doubt = ", it may have been delivered" if error.ambiguous else ""
    text = f"{error} (attempt {row.attempts}{doubt})"
    if final:
        results.end(row, attempt_limit.given_up(row), text)
        return error.retry_after
    results.end(row, Status.PENDING, text)
    return wait


def _follow(lease: Lease, row: OutboundMessage, error: RecipientMoved, integration: IntegrationBot) -> float | None:
    """Move the message to the chat's new id; park one that was moved too often."""
    conversation, moves = row.conversation, row.payload.get("moves", 0) + 1
    payload = OutboundMessage.stored(integration.provider.readdress(row.call(), error.chat_id))
    if moves > MOVES or payload["body"] == row.payload["body"]:
        results.park(row, PermanentError(f"sent on {moves} times, the last time to {error.chat_id}"), integration)
        return None
    with atomic():
        follow(conversation.bot_id, integration.SLUG, conversation.chat_id, error.chat_id, lease.lease_token)
        this = OutboundMessage.objects.filter(pk=row.pk)
        if this.filter(status=Status.SKIPPED).exists():
            return None  # the chat was told already, under the id that it has now
        # This one was made for the old id, even where the chat has moved since.
        this.update(payload={**payload, "moves": moves})
        results.end(row, Status.PENDING, f"{error} (attempt {row.attempts})")
    return 0.0
