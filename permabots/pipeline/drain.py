"""Draining one conversation: its messages are answered one after another by whoever holds its lease."""

from __future__ import annotations

import time
from dataclasses import dataclass

from permabots import logs, metrics, shutdown
from permabots.conf import Config, get_config
from permabots.exceptions import Busy, LeaseLost, SecretUnreadable
from permabots.pipeline import log_context
from permabots.pipeline.answering import turn
from permabots.pipeline.lease import Lease
from permabots.pipeline.next_work import NextWork, has_work, next_work, take
from permabots.pipeline.sending import outbox

logger = logs.get_logger(__name__)

EARLY = 0.5
"""Seconds. A wake-up with a countdown goes by its worker's clock, and what is due by the database's. One that is early
by more was not made for that moment: whoever made the conversation wait has woken it for the end of that. It is less
than a conversation waits for an API that hangs: else a wake-up that is one too many, as a further message brings it,
would come back with each wait, and those of all messages together would cost more than answers to other people."""


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
    while not budget.is_spent:
        held = take(conversation_id, slug)
        if held == 0:
            continue  # somebody worked there at the very moment of the take, and has let go
        if not isinstance(held, tuple):
            return held if held is not None and held <= EARLY else None
        wait = _hold(*held, slug, budget)
        # A new statement after the release has committed: a wake-up that came in between was dropped.
        if wait is not None or not has_work(conversation_id):
            return wait
    return 0.0


def _hold(lease: Lease, head: NextWork | None, slug: str, budget: Budget) -> float | None:
    """Work in a conversation that was taken, then give it back; seconds after which it should be woken again."""
    wait: float | None = None
    try:
        wait = _work(lease, head or next_work(lease, slug), slug, budget)
    except LeaseLost:
        wait = None
    except Busy as busy:
        wait = lease.wait = busy.seconds
    except SecretUnreadable as error:
        logger.error("conversation %s waits: %s", lease.conversation_id, error)  # noqa: TRY400 - the text says all
        wait = lease.wait = error.RETRY_AFTER
    finally:
        lease.release()
    return wait


def _work(lease: Lease, head: NextWork, slug: str, budget: Budget) -> float | None:
    """Deliver and answer until nothing is left, something has to wait, or the budget is spent.

    The budget is asked before it is looked what is next: a message that is found may be counted as begun.
    """
    while head.outbound is not None or head.inbound is not None:
        budget.turns -= 1
        wait, more = _step(lease, slug, head)
        if wait is not None or not more:
            return wait
        if budget.is_spent:
            return 0.0
        head = next_work(lease, slug)
    return None


def _step(lease: Lease, slug: str, head: NextWork) -> tuple[float | None, bool]:
    """Deliver one row or answer one message; seconds to wait, and whether it has to be looked what is next."""
    if head.outbound is not None:
        with log_context.outbound(head.outbound):
            return outbox.deliver(lease, [head.outbound], head.outbound.conversation.bot.integration(slug)), True
    if head.inbound is None:
        return None, False
    with log_context.inbound(head.inbound):
        with metrics.timed("turn", slug):
            rows = turn.run(lease, head.inbound, slug)
        wait = outbox.deliver(lease, rows, head.inbound.conversation.bot.integration(slug)) if rows else None
    return wait, head.more
