"""Posts to a hook: what their data leave open, and whether they were posted before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from permabots.exceptions import DataIncomplete, KeyReused
from permabots.messages import Json
from permabots.models import Hook, Notification
from permabots.pipeline import notification
from permabots.pipeline.definitions import without_handlers


@dataclass(frozen=True, slots=True)
class Accepted:
    """A post that is stored.

    Args:
        row: what is stored.
        warnings: sentences for the caller; none for a post that was accepted before.
    """

    row: Notification
    warnings: tuple[str, ...] = ()


def accept(hook: Hook, data: Json, idempotency_key: str | None = None) -> Accepted:
    """Store a post to a hook, unless it was stored before.

    Args:
        hook: which.
        data: storable JSON.
        idempotency_key: the caller's; the same key a second time is the same notification.

    Raises:
        DataIncomplete: the hook is strict, and its template reads what the data do not give, or fails.
        KeyReused: the key was used before for other data.
    """
    fingerprint = _fingerprint(data)
    if (before := _stored(hook, idempotency_key)) is not None:
        return Accepted(_same(before, fingerprint))
    trace = without_handlers(hook.bot).notify(hook.definition(), data).trace
    gaps = _gaps(trace)
    if hook.strict and gaps:
        raise DataIncomplete(gaps)
    row = notification.store(hook, data, idempotency_key, fingerprint)
    return Accepted(_same(row, fingerprint), gaps or _silence(trace))


def _stored(hook: Hook, idempotency_key: str | None) -> Notification | None:
    if idempotency_key is None:
        return None
    return Notification.objects.filter(hook=hook, idempotency_key=idempotency_key).first()


def _same(row: Notification, fingerprint: str) -> Notification:
    if row.fingerprint != fingerprint:
        raise KeyReused("This idempotency key was used before for something else.")
    return row


def _fingerprint(posted: Json) -> str:
    """Return the same text for the same JSON, in whatever order its names come; 1, 1.0 and true are not the same."""
    return hashlib.sha256(json.dumps(posted, sort_keys=True).encode()).hexdigest()


def _gaps(trace: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes a text that nobody wants to be told, a sentence each."""
    if error := trace.get("error"):
        return (f"Nobody is told, the template fails: {error['where']}: {error['message']}",)
    return tuple(f"{name} is read by the template, and nothing gives it." for name in trace.get("undefined", ()))


def _silence(trace: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what may be meant so, and may not."""
    return () if trace.get("texts") else ("The text is empty: nobody is told.",)
