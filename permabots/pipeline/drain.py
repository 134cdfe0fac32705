"""Draining one conversation: its messages are answered one after another by whoever holds its lease."""

from __future__ import annotations

import time
from dataclasses import dataclass

from permabots import metrics, shutdown
from permabots.conf import Config, get_config
from permabots.exceptions import Busy, LeaseLost
from permabots.models import Conversation
from permabots.pipeline import log_context
from permabots.pipeline.answering import turn
from permabots.pipeline.lease import Lease
from permabots.pipeline.next_work import NextWork, has_work, next_work
from permabots.pipeline.sending import outbox

EARLY = 2.0
"""Seconds. A wake-up with a countdown goes by its worker's clock, and what is due by the database's. One that is early
by more was not made for that moment: whoever made the conversation wait has woken it for the end of that."""


@dataclass(slots=True)
class Budget:
    """How much one drain may do before other conversations get their chance; nothing more in a worker that ends."""

    turns: int
    until: float

    @classmethod
    def of(cls, config: Config) -> Budget:
        return cls(config.drain_turns, time.monotonic() + config.drain_seconds)

    @property
    def is_spent(self) -> bool:
        return self.turns <= 0 or time.monotonic() > self.until or shutdown.has_begun()


def drain(conversation_id: int, slug: str) -> float | None:
    """Deliver and answer what waits in a conversation.

    A conversation that somebody else holds, or that is not due, is left alone: they look once more after they let go.

    Args:
        conversation_id: the row's id.
        slug: its provider.

    Returns:
        Seconds after which it should be woken again (0 for at once), None when there is nothing to wake it for.

    Raises:
        django.db.Error: the database failed; the rows tell the next holder what is left.
    """
    budget = Budget.of(get_config())
    while (lease := Lease.take(conversation_id)) is not None:
        wait: float | None = None
        try:
            wait = _work(lease, slug, budget)
        except LeaseLost:
            wait = None
        except Busy as busy:
            wait = lease.wait = busy.seconds
        finally:
            lease.release()
        # A new statement after the release has committed: a wake-up that came in between was dropped.
        if wait is not None or not has_work(conversation_id):
            return wait
    return _early(conversation_id)


def _early(conversation_id: int) -> float | None:
    """Return how long a wake-up has come too soon, where clocks differ by so little; None for one to be dropped."""
    left = Conversation.objects.due_in(conversation_id)
    return left if left is not None and left <= EARLY and has_work(conversation_id) else None


def _work(lease: Lease, slug: str, budget: Budget) -> float | None:
    """Deliver and answer until nothing is left, something has to wait, or the budget is spent."""
    head = next_work(lease.conversation_id, slug)
    while head.outbound is not None or head.inbound is not None:
        if budget.is_spent:
            return 0.0
        budget.turns -= 1
        wait, head = _step(lease, slug, head)
        if wait is not None:
            return wait
    return None


def _step(lease: Lease, slug: str, head: NextWork) -> tuple[float | None, NextWork]:
    """Deliver one row or answer one message; seconds to wait, and what is next."""
    if head.outbound is not None:
        with log_context.outbound(head.outbound):
            wait = outbox.deliver(lease, [head.outbound], head.outbound.conversation.bot.integration(slug))
        return wait, NextWork() if wait is not None else next_work(lease.conversation_id, slug)
    if head.inbound is None:
        return None, head
    with log_context.inbound(head.inbound):
        with metrics.timed("turn", slug):
            rows = turn.run(lease, head.inbound, slug)
        wait = outbox.deliver(lease, rows, head.inbound.conversation.bot.integration(slug)) if rows else None
    return wait, NextWork() if wait is not None or not head.more else next_work(lease.conversation_id, slug)
