"""A worker's hold on one conversation. The token fences every write; time only decides who may take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

from django.db import Error, close_old_connections

from permabots import logs, shutdown
from permabots.conf import get_config
from permabots.exceptions import LeaseLost
from permabots.models import Conversation
from permabots.pipeline.postgresql import conversations, execution

logger = logs.get_logger(__name__)

MARGIN = 5.0
"""Seconds that must be left of a lease beyond an outside call's own limit."""
AGAIN = 0.5
"""Seconds between two tries to give a lease back while the database is away."""


@dataclass(slots=True)
class Lease:
    """One take of one conversation.

    Args:
        conversation_id: what is held.
        seconds: how long a take or a renewal lasts.
        lease_token: a fresh token; a host or process name would let two takes pass for one.
        deadline: when it runs out by this process's monotonic clock, reckoned from before the statement was sent.
        wait: seconds for which nothing is to happen here once it is given back; None for none.
    """

    conversation_id: int
    seconds: float
    lease_token: UUID = field(default_factory=uuid4)
    deadline: float = 0.0
    wait: float | None = None

    @classmethod
    def begin(cls, conversation_id: int) -> Self:
        """Return a lease that is about to be taken."""
        seconds = get_config().lease
        return cls(conversation_id, seconds, deadline=time.monotonic() + seconds)

    @classmethod
    def take(cls, conversation_id: int) -> Self | None:
        """Take the conversation; None when somebody has it or it is not due."""
        lease = cls.begin(conversation_id)
        return lease if Conversation.objects.take(conversation_id, lease.lease_token, lease.seconds) else None

    def renew(self, **values: Any) -> None:
        """Extend the lease and set columns of the conversation.

        Raises:
            LeaseLost: it was taken by somebody else.
        """
        deadline = time.monotonic() + self.seconds
        if not Conversation.objects.renew(self.conversation_id, self.lease_token, self.seconds, **values):
            raise LeaseLost(f"conversation {self.conversation_id} was taken over")
        self.deadline = deadline

    def ensure(self, seconds: float) -> None:
        """Renew the lease if a call of up to ``seconds`` might outlast it. Call it directly before that call.

        Raises:
            LeaseLost: it was taken by somebody else.
        """
        if self.deadline - time.monotonic() < seconds + MARGIN:
            self.renew()

    def release(self) -> None:
        """Give the conversation back. Harmless when the lease is lost.

        While the database is away it tries again until the lease has run out: a conversation kept until then would wait
        for long after the database is back, and a worker has nothing to do without it.
        """
        while (error := self._try_release()) is not None:
            if shutdown.has_begun() or time.monotonic() + AGAIN > self.deadline:
                logger.warning(
                    "conversation %s not released, its lease runs out by itself: %s", self.conversation_id, error
                )
                return
            time.sleep(AGAIN)
            close_old_connections()

    def _try_release(self) -> str | None:
        """Give the conversation back; returns what went wrong."""
        try:
            if self.wait is None and execution.is_used():
                conversations.release(self.conversation_id, self.lease_token)
            else:
                Conversation.objects.release(self.conversation_id, self.lease_token, self.wait)
        except Error as error:
            return type(error).__name__
        return None
