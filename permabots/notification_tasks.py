"""The tasks that tell the recipients of notifications. What a person is answered comes before them."""

from __future__ import annotations

import time
from functools import partial

from celery import shared_task
from django.db import close_old_connections

from permabots import answering_here, broker, logs, shutdown
from permabots.account_tasks import HARD_LIMIT, SOFT_LIMIT, publish
from permabots.broker import Order
from permabots.conversation_tasks import drain, wake
from permabots.database import after_commit
from permabots.exceptions import SecretUnreadable
from permabots.pipeline import drain as draining
from permabots.pipeline import log_context
from permabots.pipeline.hooks import hook_order, notifications, posts

logger = logs.get_logger(__name__)

DRAIN_BATCH = 10
"""Recipients of a notification that one task tells: a publish for each would cost more than the sending."""
BULK_SECONDS = 0.05
"""How long one such task goes on to a next recipient: answers to people come before the rest."""


def deliver(accepted: posts.Accepted) -> posts.Accepted:
    """Have workers tell the recipients of a post that was accepted; returns it."""
    after_commit(_begin_fan_out, accepted.row.pk)
    return accepted


def _begin_fan_out(notification_id: int) -> None:
    """Wake who tells a notification's recipients, unless an earlier one of its hook is not finished: whoever finishes
    that looks for the next one afterwards, and finds this one, which is committed."""
    if not hook_order.is_first_of_hook(notification_id):
        return
    if answering_here.is_on() and notifications.reaches(notification_id, answering_here.PROVIDER):
        _tell_here(notification_id)
    else:
        broker.publish(fan_out, notification_id, order=Order.BULK)


def _tell_here(notification_id: int, seconds: float = 0.0) -> None:
    """Have a thread of this process tell the people in web chats; workers are woken for the others."""
    answering_here.submit(("notification", notification_id), partial(_fan_out_here, notification_id), seconds)


def _fan_out_here(notification_id: int) -> None:
    with log_context.notification(notification_id):
        try:
            woken = notifications.fan_out(notification_id)
        except SecretUnreadable as error:
            logger.error("notification %s waits: %s", notification_id, error)  # noqa: TRY400 - as in `fan_out`
            return
        for wake_up in woken or ():
            wake(wake_up.conversation_id, wake_up.provider, wake_up.seconds, Order.BULK)
        following = hook_order.next_for_hook(notification_id)
    if following is not None:
        _tell_here(*following)


@shared_task(
    name="permabots.fan_out",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def fan_out(notification_id: int, has_waited: bool = False) -> None:
    """Give the next batch of a notification's recipients their outgoing rows, and wake who sends them in time.

    The next batch is a task of its own, so that answers to people are not behind a large notification.

    A `MemoryError` is caught for the reason that `drain` gives.

    Args:
        notification_id: the row's id.
        has_waited: a sweep has found it. Its first recipients, `DRAIN_BATCH` at most, are told in the middle line: a
            notification to few people is told while busy bots keep all workers from the last line, and a large one does
            not fill the middle one.
    """
    close_old_connections()
    with log_context.notification(notification_id):
        try:
            _fan_out(notification_id, has_waited=has_waited)
        except SecretUnreadable as error:
            logger.error("notification %s waits: %s", notification_id, error)  # noqa: TRY400 - the text says all
        except MemoryError:
            logger.exception("out of memory in notification %s", notification_id)


def _fan_out(notification_id: int, *, has_waited: bool) -> None:
    woken = notifications.fan_out(notification_id)
    for start in range(0, len(woken or ()), DRAIN_BATCH):
        batch = (woken or [])[start : start + DRAIN_BATCH]
        conversations = [[wake_up.conversation_id, wake_up.provider] for wake_up in batch]
        countdown = round(batch[0].seconds, 3) or None
        order = Order.BUSY if has_waited and not start else Order.BULK
        publish(drain_many, conversations, countdown=countdown, order=order)
    following = hook_order.next_for_hook(notification_id)
    if following is None or following[1] > broker.LONGEST_COUNTDOWN:
        return
    if woken is not None or (following[0] == notification_id and following[1] <= draining.EARLY):
        # Where it was left alone, somebody else goes on with its hook: going on here too would be one task more for
        # ever with each post. Only one that came a little early, by the database's clock, comes again.
        publish(fan_out, following[0], countdown=round(following[1], 3) or None, order=Order.BULK)


@shared_task(
    name="permabots.drain_many",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def drain_many(conversations: list[tuple[int, str]]) -> None:
    """Deliver in several conversations, one after another; those there is no time for are handed on.

    Args:
        conversations: as (id, provider).
    """
    until = time.monotonic() + BULK_SECONDS
    for place, (conversation_id, provider) in enumerate(conversations):
        if (place and time.monotonic() > until) or shutdown.has_begun():
            publish(drain_many, conversations[place:], order=Order.BULK)
            return
        drain(conversation_id, provider)
