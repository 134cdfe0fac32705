"""The tasks of Celery: reading them shows the product. Celery only carries wake-ups; the database is the queue.

A lost, late or doubled task costs time, never a message: what is to be done is in rows, and `sweep` finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_init
from django.db import close_old_connections
from django.dispatch import receiver

from permabots import broker, logs
from permabots.account_tasks import acknowledge, identify_accounts, remove_accounts
from permabots.account_tasks import publish as _publish
from permabots.broker import Order
from permabots.conversation_tasks import drain, wake, wake_worker
from permabots.engine.patterns import prepare
from permabots.models import Conversation, Hook, IntegrationBot, Notification, WorkerHeartbeat
from permabots.models.legacy_api import outbound_stored
from permabots.models.registry import providers
from permabots.notification_tasks import deliver, drain_many, fan_out
from permabots.pipeline.authoring import removals
from permabots.pipeline.hooks import posts
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
    "drain_many",
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


def wake_retried(*retried: Retried) -> None:
    """Have workers go on with what was put back, with the first `WOKEN_AT_ONCE` of its conversations now."""
    for done in retried:
        if done.notification is not None:
            _publish(fan_out, done.notification, order=Order.BULK)
    conversations = chain.from_iterable(done.conversations for done in retried)
    for conversation_id, provider in islice(conversations, WOKEN_AT_ONCE):
        wake(conversation_id, provider, order=Order.BUSY)


@shared_task(name="permabots.sweep", ignore_result=True)
def sweep() -> None:
    """Wake every conversation that is due and that nobody works on, and who removes accounts. It asks no provider."""
    close_old_connections()
    for conversation_id, provider in sweeping.due_conversations():
        wake_worker(conversation_id, provider, order=Order.BUSY)
    for notification_id in sweeping.due_notifications():
        _publish(fan_out, notification_id, True, order=Order.BUSY)  # it has waited: not behind all answers again
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


def accept(target: WebhookTarget, events: Iterable[Inbound], order: Order = Order.FIRST) -> None:
    """Store the events of one account and have workers answer them: what a webhook, a poll and `receive` end in.

    Args:
        target: the account that they came to.
        events: as its provider parsed them.
        order: which tasks their answers and acknowledgements wait for.

    Raises:
        django.db.Error: something could not be stored; whoever brought it must bring it again. What was stored stays,
            and nobody is woken for it before the sweep or the repetition.
    """
    for conversation_id in inbox.store(target, events, busy=order is not Order.FIRST):
        wake(conversation_id, target.slug, order=order)


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
