"""The tasks of Celery: reading them shows the product. Celery only carries wake-ups; the database is the queue.

A lost, late or doubled task costs time, never a message: what is to be done is in rows, and `sweep` finds it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_init
from django.db import close_old_connections
from django.dispatch import receiver

from permabots import broker, logs, shutdown
from permabots.account_tasks import HARD_LIMIT, SOFT_LIMIT, acknowledge, identify_accounts, remove_accounts
from permabots.account_tasks import publish as _publish
from permabots.conf import config_at_start
from permabots.engine.patterns import prepare
from permabots.models import Conversation, Hook, IntegrationBot, Notification, WorkerHeartbeat
from permabots.models.legacy_api import outbound_stored
from permabots.models.registry import providers
from permabots.pipeline import drain as draining
from permabots.pipeline import log_context
from permabots.pipeline.authoring import removals
from permabots.pipeline.hooks import notifications, posts
from permabots.pipeline.operating import sweep as sweeping
from permabots.pipeline.operating.retry import Retried
from permabots.pipeline.receiving import identities, inbox, webhook_cache
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.pipeline.user_api import bulkhead
from permabots.values import Inbound, Json

__all__ = [
    "accept",
    "acknowledge",
    "deliver",
    "drain",
    "fan_out",
    "identify_accounts",
    "notify",
    "receive",
    "remove_accounts",
    "wake",
    "wake_retried",
]

logger = logs.get_logger(__name__)

WOKEN_AT_ONCE = 100
"""Conversations that are woken when much is tried again. The sweep wakes the others, no faster than workers get on."""
DRAIN_BATCH = 10
"""Recipients of a notification that one task tells: a publish for each would cost more than the sending."""


@shared_task(
    name="permabots.drain",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def drain(conversation_id: int, provider: str) -> None:
    """Answer and deliver what waits in one conversation.

    A `MemoryError` is caught here because a late-acknowledged task that raises it is never acknowledged, and keeps its
    worker's slot; the message counts as begun, and is parked when it does it again and again.
    """
    close_old_connections()
    with logs.bind(conversation=conversation_id, provider=provider):
        try:
            wait = draining.drain(conversation_id, provider)
        except MemoryError:
            logger.exception("out of memory in conversation %s", conversation_id)
            return
        if wait is not None:
            wake(conversation_id, provider, wait)


def wake(conversation_id: int, provider: str, seconds: float = 0.0) -> None:
    """Have a worker look at a conversation, now or in so many seconds.

    A long wait is left to the sweep: a countdown longer than the broker's visibility timeout is delivered twice.
    """
    if seconds <= broker.LONGEST_COUNTDOWN:
        _publish(drain, conversation_id, provider, countdown=seconds or None)


def wake_retried(*retried: Retried) -> None:
    """Have workers go on with what was put back, with the first `WOKEN_AT_ONCE` of its conversations now."""
    for done in retried:
        if done.notification is not None:
            _publish(fan_out, done.notification)
    conversations = chain.from_iterable(done.conversations for done in retried)
    for conversation_id, provider in islice(conversations, WOKEN_AT_ONCE):
        wake(conversation_id, provider)


@shared_task(name="permabots.sweep", ignore_result=True)
def sweep() -> None:
    """Wake every conversation that is due and that nobody works on, and who removes accounts. It asks no provider."""
    close_old_connections()
    for conversation_id, provider in sweeping.due_conversations():
        wake(conversation_id, provider)
    for notification_id in sweeping.due_notifications():
        _publish(fan_out, notification_id)
    if removals.has_due():
        _publish(remove_accounts)
    if identities.has_due():
        _publish(identify_accounts)
    WorkerHeartbeat.objects.beat()  # last: `readyz` reads that a worker did all this


def receive(integration: IntegrationBot, message: Inbound | dict[str, Any]) -> None:
    """Take one message in as if its webhook had brought it: stored, then answered by a worker.

    Args:
        integration: the account it came to.
        message: a normalized event, or the provider's own.
    """
    target = webhook_cache.get_webhook_target(integration.SLUG, integration.pk)
    if target is None:
        raise LookupError(f"{integration} is not stored")
    accept(target, [message] if isinstance(message, Inbound) else inbox.parse(target, message))


def accept(target: WebhookTarget, events: Iterable[Inbound]) -> None:
    """Store the events of one account and have workers answer them: what a webhook, a poll and `receive` end in.

    Args:
        target: the account that they came to.
        events: as its provider parsed them.

    Raises:
        django.db.Error: something could not be stored; whoever brought it must bring it again. What was stored stays,
            and nobody is woken for it before the sweep or the repetition.
    """
    for conversation_id in inbox.store(target, events):
        wake(conversation_id, target.slug)


@receiver(outbound_stored, dispatch_uid="permabots.wake")
def _wake_sender(conversation: Conversation, **_: Any) -> None:
    """Have a worker send what code stored outside of a turn."""
    wake(conversation.pk, conversation.provider)


def notify(
    hook: Hook, data: Json, idempotency_key: str | None = None, recipients: Sequence[str] | None = None
) -> Notification:
    """Take data in as if it had been posted to a hook: stored, then delivered to each recipient by workers.

    Args:
        hook: which.
        data: any JSON.
        idempotency_key: the caller's; the same key a second time is the same notification.
        recipients: names of those who are told, as ``?recipients=`` takes them; None for all.

    Returns:
        The stored row, with the number of recipients in ``total``.

    Raises:
        permabots.exceptions.HookPostRefused: a quota is reached, the hook is strict and the data leave holes,
            somebody is named who is no recipient of it, or the key was used before for something else.
    """
    return deliver(posts.accept(hook, data, idempotency_key, recipients)).row


def deliver(accepted: posts.Accepted) -> posts.Accepted:
    """Have workers tell the recipients of a post that was accepted; returns it."""
    _publish(fan_out, accepted.row.pk)
    return accepted


@shared_task(
    name="permabots.fan_out",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def fan_out(notification_id: int) -> None:
    """Give the next batch of a notification's recipients their outgoing rows, and wake who sends them in time.

    The next batch is a task of its own, so that answers to people are not behind a large notification.

    A `MemoryError` is caught for the reason that `drain` gives.
    """
    close_old_connections()
    with log_context.notification(notification_id):
        try:
            _fan_out(notification_id)
        except MemoryError:
            logger.exception("out of memory in notification %s", notification_id)


def _fan_out(notification_id: int) -> None:
    woken = notifications.fan_out(notification_id)
    for start in range(0, len(woken), DRAIN_BATCH):
        batch = woken[start : start + DRAIN_BATCH]
        conversations = [[wake_up.conversation_id, wake_up.provider] for wake_up in batch]
        _publish(drain_many, conversations, countdown=round(batch[0].seconds, 3) or None)
    following = notifications.next_for_hook(notification_id)
    if following is not None and following[1] <= broker.LONGEST_COUNTDOWN:
        _publish(fan_out, following[0], countdown=round(following[1], 3) or None)


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
    until = time.monotonic() + config_at_start().drain_seconds / 2
    for place, (conversation_id, provider) in enumerate(conversations):
        if time.monotonic() > until or shutdown.has_begun():
            _publish(drain_many, conversations[place:])
            return
        drain(conversation_id, provider)


@worker_init.connect(dispatch_uid="permabots.warm")
def _warm(**_: Any) -> None:
    """Have ready what is the same for all, before children are forked: else a first message in each waits for it."""
    providers()
    prepare()


@celeryd_after_setup.connect(dispatch_uid="permabots.slots")
def _count_slots(instance: Any, **_: Any) -> None:
    """Tell the calls to users' APIs how much this worker can do at a time, before its children are forked."""
    bulkhead.init(instance.max_concurrency or instance.concurrency)


broker.sweep_while_working(sweep)
