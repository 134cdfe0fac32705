"""Deleting finished rows that nobody needs any more, a batch at a time. It never takes one that is unfinished.

What may be deleted is asked again by the very statement that deletes: a row that somebody puts back meanwhile stays,
and so does the message that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from permabots.models import InboundMessage, Notification, OutboundMessage


@dataclass(slots=True)
class Purged:
    """How many rows were deleted, or would be."""

    inbound: int = 0
    outbound: int = 0
    notifications: int = 0


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of row that is deleted together with its outgoing rows.

    Args:
        model: the rows.
        dated: the column that says how old one is.
        group: the column of an outgoing row that names one.
        counted: the field of `Purged`.
        finished: the statuses that are an end; a parked row is one only when it is asked for.
    """

    model: type[InboundMessage] | type[Notification]
    dated: str
    group: str
    counted: str
    finished: tuple[str, ...]


_PARKED = "parked"
_SENT = ("sent", "skipped")
_KINDS = (
    _Kind(InboundMessage, "received_at", "inbound", "inbound", ("done", "failed", "ignored", "skipped")),
    _Kind(Notification, "created_at", "notification", "notifications", ("done",)),
)


def purge(old: datetime, *, parked: bool = False, batch: int = 1000, dry_run: bool = False) -> Purged:
    """Delete incoming messages and notifications that are finished, with their outgoing rows.

    One stays while a single one of its outgoing rows is unfinished, or is parked and ``parked`` is not given.
    Conversations and states stay; the rest is `permabots.pipeline.operating.retention`. Each batch is a few statements,
    each a transaction of its own: it may be killed at any time, and the next run goes on.

    Args:
        old: what was stored before is old enough.
        parked: delete what was given up, too.
        batch: rows looked at in one go.
        dry_run: only count.

    Returns:
        How many rows were deleted, or would be.
    """
    done = Purged()
    for kind in _KINDS:
        for rows in _batches(kind, old, batch):
            _purge(kind, rows, (_PARKED,) if parked else (), done, dry_run=dry_run)
    return done


def _batches(kind: _Kind, old: datetime, batch: int) -> Iterator[QuerySet[Any]]:
    """Yield the old rows of a kind by ranges of ids, up to the first that is not old: no range is read in vain."""
    rows: QuerySet[Any] = kind.model.objects.order_by("pk")
    young = rows.filter(**{f"{kind.dated}__gte": old}).values_list("pk", flat=True).first()
    rows = rows.filter(**{f"{kind.dated}__lt": old}) if young is None else rows.filter(pk__lt=young)
    after = 0
    while pks := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[:batch]):
        after = pks[-1]
        yield rows.filter(pk__in=pks)


def _purge(kind: _Kind, rows: QuerySet[Any], also: tuple[str, ...], done: Purged, *, dry_run: bool) -> None:
    ended = Q(status__in=(*kind.finished, *also))
    calls = OutboundMessage.objects.filter(**{kind.group: OuterRef("pk")})
    open_calls = calls.exclude(status__in=(*_SENT, *also))
    pks = list(rows.filter(ended, ~Exists(open_calls)).values_list("pk", flat=True))
    if not pks:
        return
    theirs = OutboundMessage.objects.filter(status__in=(*_SENT, *also), **{f"{kind.group}__in": pks})
    empty = kind.model.objects.filter(ended, ~Exists(calls), pk__in=pks)
    outbound = theirs.count() if dry_run else _delete(theirs)
    finished = len(pks) if dry_run else _delete(empty)
    done.outbound += outbound
    setattr(done, kind.counted, getattr(done, kind.counted) + finished)


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in one statement. `QuerySet.delete` would read the rows first, and forget why they were chosen."""
    return rows.order_by()._raw_delete(rows.db)
