"""The task that answers and delivers in one conversation, and who is woken for it."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from permabots import answering_here, broker, logs
from permabots.account_tasks import HARD_LIMIT, SOFT_LIMIT, publish
from permabots.broker import Order
from permabots.pipeline import drain as draining

logger = logs.get_logger(__name__)


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
            wake_worker(conversation_id, provider, wait, Order.FIRST if wait else Order.BUSY)


def wake(conversation_id: int, provider: str, seconds: float = 0.0, order: Order = Order.FIRST) -> None:
    """Have somebody look at a conversation: a thread of this process where it answers web chats itself, else a worker.

    Args:
        conversation_id: the row's id.
        provider: its provider.
        seconds: from now.
        order: which tasks a worker's task waits for.
    """
    if answering_here.takes(provider):
        answering_here.wake(conversation_id, provider, seconds)
    else:
        wake_worker(conversation_id, provider, seconds, order)


def wake_worker(conversation_id: int, provider: str, seconds: float = 0.0, order: Order = Order.FIRST) -> None:
    """Have a worker look at a conversation, now or in so many seconds.

    A long wait is left to the sweep: a countdown longer than the broker's visibility timeout is delivered twice.
    """
    if seconds <= broker.LONGEST_COUNTDOWN:
        publish(drain, conversation_id, provider, countdown=seconds or None, order=order)
