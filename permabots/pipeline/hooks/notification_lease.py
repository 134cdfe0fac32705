"""A worker's hold on one notification: its lease is in its own row, and its token fences every write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import Error
from django.db.models import F, Q
from django.db.models.functions import Now

from permabots import logs
from permabots.conf import get_config
from permabots.exceptions import UNFORESEEN, Busy, LeaseLost, SecretUnreadable
from permabots.models import Notification
from permabots.pipeline.answering import worker_deaths
from permabots.pipeline.hooks import hook_order
from permabots.pipeline.sending.attempt_limit import backoff

logger = logs.get_logger(__name__)


def claim(notification_id: int) -> Notification | None:
    """Take the lease of a notification that is due and free; its attempt is counted before anything is rendered."""
    # Asked by itself: MySQL takes no UPDATE that looks at its own table. An earlier one cannot come up in between.
    found = Notification.objects.unfinished().filter(hook_order.claimable(), pk=notification_id)
    before = found.values_list("lease_token", "attempts").first()
    if before is None:
        return None
    lease_token = uuid4()
    lease_expires_at = Now() + timedelta(seconds=get_config().lease)
    free = Notification.objects.unfinished().filter(
        Q(lease_token=None) | Q(lease_expires_at__lt=Now()), pk=notification_id
    )
    if not free.count_attempt(lease_token=lease_token, lease_expires_at=lease_expires_at, last_woken_at=None):
        return None
    row = Notification.objects.select_related("bot", "hook__response").get(pk=notification_id)
    row.lease_token = lease_token
    if before[0] is not None and before[1] > 1:  # nobody gave the lease back, and it is not the first time
        worker_deaths.record(row.bot)
    return row


@contextmanager
def given_back(row: Notification) -> Iterator[None]:
    """Give the lease back after an unforeseen error: the next attempt comes after a pause, and attempts have a limit.

    The error goes on to the log. A lost lease and a failing database are the next holder's. An attempt that could not
    decrypt a variable, or that another worker has the only turn of the bot, does not count.
    """
    try:
        yield
    finally:
        error = sys.exception()
        if isinstance(error, SecretUnreadable):
            pause = timedelta(seconds=error.RETRY_AFTER)
            release(row, attempts=F("attempts") - 1, not_before=Now() + pause, error=str(error))
        elif isinstance(error, Busy):
            release(row, attempts=F("attempts") - 1, not_before=Now() + timedelta(seconds=error.seconds))
        elif isinstance(error, Exception) and not isinstance(error, LeaseLost | Error):
            config = get_config()
            pause = timedelta(seconds=backoff(row.attempts, config.retry_base, config.retry_max))
            release(row, not_before=Now() + pause, error=UNFORESEEN)
            logger.error("fan-out of notification %s failed: %s", row.pk, type(error).__name__)


def release(row: Notification, **values: Any) -> bool:
    """Give the lease back and write the result; False when somebody else has the lease by now."""
    held = Notification.objects.filter(pk=row.pk, lease_token=row.lease_token)
    return bool(held.update(**values, lease_token=None, lease_expires_at=Now()))
