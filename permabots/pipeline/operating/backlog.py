"""What waits, and what failed or was given up, counted: for the command, the checks of health and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Min, Model, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from permabots.exceptions import SecretUnreadable
from permabots.models import InboundMessage, Notification, OutboundMessage
from permabots.models.chat import chat_due
from permabots.pipeline.hooks import hook_order

FAILED = ("parked", "failed")
"""The statuses in which something ended without success that somebody should look at."""
UNREADABLE = str(SecretUnreadable())
"""The error of a row that waits because a stored secret cannot be decrypted."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of one kind, in one status.

    Args:
        kind: inbound, outbound or notification.
        provider: the messenger; "" for notifications, which may go to several.
        status: pending, started, parked or failed.
        rows: how many.
        seconds: for how long the oldest could have been worked on: since it was stored, or since it was due again; for
            one that ended, or that waits because a secret cannot be decrypted, since it was stored.
        bot: the name of the bot; "" where all bots are counted together.
        unreadable: how many wait because a secret cannot be decrypted: the first ones of their conversations and hooks,
            behind which the others wait.
    """

    kind: str
    provider: str
    status: str
    rows: int
    seconds: float
    bot: str = ""
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Queue:
    """Where to look: the table, what it is called, and the names of its columns."""

    kind: str
    model: type[Model]
    stored: str
    provider: Combinable
    conversation: str = ""
    """What leads from a row to its conversation, "" where it has none."""

    @property
    def bot(self) -> str:
        return f"{self.conversation}bot"

    @property
    def since(self) -> Combinable:
        """Since when a row could be worked on. One that has to wait, or whose chat has to, is due only later."""
        chat = [Coalesce(chat_due(self.conversation), self.stored)] if self.conversation else []
        return self._unless_unreadable(
            Greatest(self.stored, Coalesce(f"{self.conversation}not_before", self.stored), *chat)
        )

    @property
    def left_alone_since(self) -> Combinable:
        """Since when a row could be worked on and nobody was there. A lease that is given back, or that a dead worker
        left behind, tells when somebody was."""
        return self._unless_unreadable(
            Greatest(self.since, Coalesce(f"{self.conversation}lease_expires_at", self.stored))
        )

    def _unless_unreadable(self, since: Combinable) -> Combinable:
        """Each try puts off what waits for the key of a secret. It counts since it was stored, or nobody would see."""
        return Case(When(error=UNREADABLE, then=F(self.stored)), default=since)

    def rows(self, status: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(status__in=status).order_by()


_QUEUES = (
    _Queue("inbound", InboundMessage, "received_at", F("provider"), "conversation__"),
    _Queue("outbound", OutboundMessage, "created_at", F("conversation__provider"), "conversation__"),
    _Queue("notification", Notification, "created_at", Value("")),
)


def count(*, by_bot: bool = False) -> list[Backlog]:
    """Count what waits and what failed or was given up, by kind, provider and status, and by bot if asked to.

    What waits has an index of its own; the other is looked for in the index of all rows.
    """
    return [found for queue in _QUEUES for found in _count(queue, timezone.now(), by_bot=by_bot)]


def oldest() -> float:
    """Return for how many seconds something unfinished could have been worked on and nobody was there; 0 for nothing.

    What one bot keeps waiting does not count: a conversation whose message kills its workers, or that is answered
    slowly, has somebody there again and again. Where all workers are gone, nobody is. What waits because a secret
    cannot be decrypted counts since it was stored: the workers lack a key.
    """
    rows = [queue.rows(_unfinished(queue)) for queue in _QUEUES]
    # A notification waits for the earlier ones of its hook, and for the rates of providers: that is no delay.
    rows[-1] = rows[-1].filter(hook_order.claimable() | Q(error=UNREADABLE))
    since = [
        found.aggregate(since=Min(queue.left_alone_since))["since"] for queue, found in zip(_QUEUES, rows, strict=True)
    ]
    return _age(min(filter(None, since), default=None), timezone.now())


def _unfinished(queue: _Queue) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(queue.model, "UNFINISHED")  # noqa: B009 - each of them says
    return found


def _count(queue: _Queue, now: datetime, *, by_bot: bool) -> list[Backlog]:
    bot = F(f"{queue.bot}__name") if by_bot else Value("")
    groups = ("where", "who", "status", *([queue.bot] if by_bot else []))
    found = []
    for statuses, since in ((_unfinished(queue), queue.since), (FAILED, F(queue.stored))):
        rows = queue.rows(statuses).annotate(where=queue.provider, who=bot).values(*groups)
        unreadable = Count("pk", filter=Q(error=UNREADABLE))
        counted = rows.annotate(number=Count("pk"), since=Min(since), unreadable=unreadable)
        for row in counted.order_by("who", "where", "status"):
            name, age = (row["where"], row["status"], row["number"]), _age(row["since"], now)
            found.append(Backlog(queue.kind, *name, age, row["who"], row["unreadable"]))
    return found


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
