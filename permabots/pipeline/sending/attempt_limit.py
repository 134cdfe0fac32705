"""The ceiling of attempts: no outgoing message is sent without end, whatever goes wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, InternalError, OperationalError

from permabots import logs, metrics
from permabots.conf import get_config
from permabots.exceptions import UNFORESEEN, LeaseLost
from permabots.models import Chat, OutboundMessage
from permabots.models.conversation import QueueQuerySet
from permabots.pipeline.answering import worker_deaths
from permabots.pipeline.lease import Lease

logger = logs.get_logger(__name__)

Status = OutboundMessage.Status

AWAY = (OperationalError, InterfaceError, InternalError)
"""What is raised while the database is away, or takes no writes (a standby that is becoming the primary)."""


@contextmanager
def bounded(lease: Lease, row: OutboundMessage) -> Iterator[None]:
    """End an unforeseen error as any other failure: the row is tried again after a pause, and parked in the end.

    The error goes on to the log. A lost lease and a database that is away are the next holder's: the row says so.
    """
    try:
        yield
    finally:
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, (LeaseLost, *AWAY)):
            _interrupt(lease, row, type(error).__name__)


def _interrupt(lease: Lease, row: OutboundMessage, error: str) -> None:
    """Count a claim that came to no result; the chat is told to wait before the row is put back."""
    config = get_config()
    row.interrupted += 1
    status = given_up(row) if row.interrupted >= config.send_attempts else Status.PENDING
    if status == Status.PENDING:
        Chat.objects.postpone(row.conversation, backoff(row.interrupted, config.retry_base, config.retry_max))
    mine = as_read(row).with_lease(lease.lease_token)
    if mine.update(status=status, interrupted=row.interrupted, error=f"{UNFORESEEN} (attempt {row.attempts})"):
        count(row, status)
    logger.error("outgoing message %s failed with %s: %s", row.pk, error, status)


def parked_after_last_attempt(lease: Lease, row: OutboundMessage) -> bool:
    """Count an attempt without a result; park the row, and return True, where that was the last it may have."""
    row.interrupted += 1
    if row.interrupted < get_config().send_attempts:
        return False
    mine = as_read(row).with_lease(lease.lease_token)
    error = f"begun {row.attempts} times, the last time without coming to an end"
    if not mine.update(status=(status := given_up(row)), interrupted=row.interrupted, error=error):
        raise LeaseLost(f"outgoing message {row.pk} is no longer ours")
    count(row, status)
    count_death(row)
    logger.error("outgoing message %s %s: %s", row.pk, status, error)
    return True


def count_death(row: OutboundMessage) -> None:
    """Count on its bot that a worker died in an attempt, where it is not the first of this row without a result."""
    if row.interrupted > 1:
        worker_deaths.record(row.conversation.bot)


def as_read(row: OutboundMessage) -> QueueQuerySet[OutboundMessage]:
    """Return a row while it is unfinished, and nobody has claimed it since it was read.

    By its conversation too: PostgreSQL would read the index of all unfinished rows when it believes there are none.
    """
    rows = OutboundMessage.objects.unfinished()
    return rows.filter(pk=row.pk, conversation=row.conversation_id, attempts=row.attempts)


def given_up(row: OutboundMessage) -> Status:
    """What becomes of a row that is not tried again: nobody misses one that is optional."""
    return Status.SKIPPED if row.payload.get("optional") else Status.PARKED


def backoff(attempts: int, base: float, longest: float) -> float:
    """Return the pause after so many attempts, in seconds: ``base`` doubled for each further one, up to ``longest``."""
    return min(longest, base * 2.0 ** min(attempts - 1, 30))


def count(row: OutboundMessage, status: Status) -> None:
    """Count a call by the status that is about to be written."""
    metrics.send_done(row.conversation.provider, "retry" if status == Status.PENDING else status)
