"""Notification hooks: data in, one message rendered, a row for each recipient, in batches under a lease of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from permabots.conf import get_config
from permabots.database import atomic
from permabots.exceptions import Busy, LeaseLost
from permabots.models import Conversation, Hook, Notification, Recipient
from permabots.models.registry import providers
from permabots.pipeline.answering import worker_deaths
from permabots.pipeline.hooks import broadcast_rate, notification_lease
from permabots.pipeline.hooks.calls import store_calls
from permabots.pipeline.hooks.texts import HookTexts
from permabots.values import Answer, Json

Status = Notification.Status


@dataclass(frozen=True, slots=True)
class WakeUp:
    """A conversation with something to deliver.

    Args:
        conversation_id: the row's id.
        provider: its provider.
        seconds: when its turn comes, from now.
    """

    conversation_id: int
    provider: str
    seconds: float


def store(
    hook: Hook,
    data: Json,
    idempotency_key: str | None = None,
    fingerprint: str = "",
    recipients: Sequence[Recipient] | None = None,
) -> Notification:
    """Store what was posted to a hook, before it is answered.

    Args:
        hook: which.
        data: what was posted.
        idempotency_key: the caller's.
        fingerprint: of all that was posted.
        recipients: who is told, None for all of the hook's.

    Returns:
        The row; the one that is there already when the caller's key was used before.
    """
    key = {"hook": hook, "idempotency_key": idempotency_key}
    total = hook.recipients.count() if recipients is None else len(recipients)
    row = Notification(bot_id=hook.bot_id, data=data, total=total, fingerprint=fingerprint, **key)
    row.recipients = None if recipients is None else [str(recipient.pk) for recipient in recipients]
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Notification.objects.get(**key)
    return row


def reaches(notification_id: int, provider: str) -> bool:
    """Return whether a notification's hook has a recipient at a provider.

    Args:
        notification_id: the row's id.
        provider: the provider's slug.
    """
    return Recipient.objects.filter(hook__notifications=notification_id, provider=provider).exists()


def fan_out(notification_id: int) -> list[WakeUp] | None:
    """Give the next batch of recipients their outgoing rows, no faster than their providers take them.

    Whoever calls it wakes the conversations, and then asks `next_for_hook` what goes on and when.

    Args:
        notification_id: the row's id; one that somebody works on, that is not due or that is finished is left alone.

    Returns:
        The conversations to wake, and when; their rows are committed. None where it was left alone: then whoever works
        on it, or a sweep, sees to what goes on.

    Raises:
        LeaseLost: somebody took the notification over in the meantime; nothing of the batch is stored.
        django.db.Error: the database failed; whoever claims the notification next goes on.
    """
    row = notification_lease.claim(notification_id)
    if row is None:
        return None
    if row.hook is None:
        return []
    try:
        with notification_lease.given_back(row), worker_deaths.one_at_a_time(row.bot):
            return _store_next(row)
    except Busy:
        return []  # it is due again soon


def _store_next(row: Notification) -> list[WakeUp]:
    """Render the message for the next batch and store its rows; finish the notification where nobody is left."""
    if row.attempts > (most := get_config().turn_attempts):
        last = f", the last time with {row.error}" if row.error else ""
        return _finish(row, status=Status.PARKED, error=f"begun {most} times without coming to an end{last}")
    texts = HookTexts(row)
    if texts.error is not None:
        return _finish(row, status=Status.PARKED, error=texts.error, trace=texts.trace)
    if not (left := _left(row)):
        return _finish(row, **_end(row), trace=texts.trace or row.trace)
    batch = left[: min(get_config().fan_out_batch, _may_leave_soon(row, left))]
    answers = texts.of(batch)
    told = [(recipient, answer) for recipient, answer in zip(batch, answers, strict=False) if answer is not None]
    waits = broadcast_rate.reserve_slots(row.bot, [recipient.provider for recipient, _ in told])
    progress = _end(row) if len(answers) == len(left) else _progress(row, batch[len(answers) - 1], waits)
    conversations = _store_batch(row, told, texts, **progress, trace=texts.trace or row.trace)
    return [WakeUp(it.pk, it.provider, wait) for it, wait in zip(conversations, waits, strict=True)]


def _left(row: Notification) -> list[Recipient]:
    """Return the next recipients: one more than a batch takes, so that the last batch is known as such."""
    after = Q(pk__gt=row.cursor) if row.cursor else Q()
    if row.recipients is not None:
        after &= Q(pk__in=row.recipients)
    rows = Recipient.objects.filter(after, hook=row.hook_id, provider__in=providers())
    return list(rows.order_by("pk")[: get_config().fan_out_batch + 1])


def _may_leave_soon(row: Notification, recipients: Sequence[Recipient]) -> int:
    """Return how many of the recipients, at least one, may get their message within `broadcast_rate.HORIZON`."""
    return broadcast_rate.count_within_horizon(row.bot, [recipient.provider for recipient in recipients])


def _progress(row: Notification, last: Recipient, waits: Sequence[float]) -> dict[str, Any]:
    """Return where the notification goes on and when: rows far ahead of their rate would hold up answers to people.

    What gets on is no failure: only attempts in a row that tell nobody count.

    Args:
        last: the last of the batch.
        waits: seconds until each of the batch's rows may be sent.
    """
    longest = max(waits, default=0.0)
    pause = longest - broadcast_rate.HORIZON / 2 if longest > broadcast_rate.HORIZON else 0.0
    error = row.error if row.failed_recipients else ""
    due = Now() + timedelta(seconds=pause)
    failed = {"failed_recipients": row.failed_recipients, "error": error}
    return {"cursor": last.pk, "attempts": 0, "not_before": due, **failed}


def _end(row: Notification) -> dict[str, Any]:
    """Return the end of a notification; where some recipients failed, so that a retry is for these alone."""
    if not row.failed_recipients:
        return {"status": Status.DONE, "error": "", "attempts": 0, "not_before": None}
    again = {"recipients": row.failed_recipients, "failed_recipients": [], "cursor": None}
    return {"status": Status.PARKED, "error": row.error, "attempts": 0, "not_before": None, **again}


def _finish(row: Notification, **values: Any) -> list[WakeUp]:
    """End a notification; returns nobody to wake."""
    notification_lease.release(row, **{"not_before": None, **values})
    return []


def _store_batch(
    row: Notification, told: list[tuple[Recipient, Answer]], texts: HookTexts, **progress: Any
) -> list[Conversation]:
    """Store one batch's rows, note how far the notification is and give its lease back: all or nothing."""
    with atomic():
        if not notification_lease.release(row, **progress, last_woken_at=None):
            raise LeaseLost(f"notification {row.pk} was taken over")
        return store_calls(row, told, texts)
