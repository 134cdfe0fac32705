"""Deleting what is kept beside messages, once nobody needs it: data of old buttons, contexts of silent chats, people.

Run by ``permabots_purge``, a batch at a time. Each statement says again why its rows may go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from permabots.models import BotEvent, CallbackData, Chat, ChatState, Contact
from permabots.models.accounts import account_tables
from permabots.models.chat import GONE_DAYS, is_due


@dataclass(slots=True)
class RetentionResult:
    """How many rows were deleted or emptied, or would be."""

    buttons: int = 0
    contexts: int = 0
    people: int = 0
    chats: int = 0
    events: int = 0
    stored: int = 0


def forget_buttons(old: datetime, *, batch: int, dry_run: bool = False) -> int:
    """Delete the data of buttons that were last sent before ``old``; returns of how many."""
    rows = CallbackData.objects.filter(updated_at__lt=old)
    return _each(rows, batch, lambda chosen: chosen.delete(), dry_run=dry_run)


def forget_contexts(old: datetime, *, batch: int, dry_run: bool = False) -> int:
    """Empty what chats remember that were silent since before ``old``; they stay in their states.

    Returns:
        How many chats.
    """
    silent = Q(conversation__last_received_at=None) | Q(conversation__last_received_at__lt=old)
    rows = ChatState.objects.filter(silent, updated_at__lt=old).exclude(contexts={})
    return _each(rows, batch, lambda chosen: chosen.update(contexts={}, contexts_size=0), dry_run=dry_run)


def forget_people(old: datetime, *, batch: int, dry_run: bool = False) -> int:
    """Delete people that no conversation and no account names, and that were not described since ``old``."""
    rows: Any = Contact.objects.filter(updated_at__lt=old)
    for relation in Contact._meta.related_objects:
        named = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        rows = rows.filter(~Exists(named))
    return _each(rows, batch, lambda chosen: chosen.delete(), dry_run=dry_run)


def forget_chats(*, batch: int, dry_run: bool = False) -> int:
    """Delete rows of chats that say nothing any more: a rate that is through, a wait that is over, an absence too old.

    Returns:
        Of how many chats.
    """
    old = Q(gone=None) | Q(gone__lte=Now() - timedelta(days=GONE_DAYS))
    rows = Chat.objects.filter(old, is_due(), Q(rate_tat=None) | Q(rate_tat__lte=Now()))
    return _each(rows, batch, lambda chosen: chosen._raw_delete(chosen.db), dry_run=dry_run)


def forget_events(old: datetime, *, batch: int, dry_run: bool = False) -> int:
    """Delete events of bots from before ``old``; returns how many."""
    rows = BotEvent.objects.filter(at__lt=old)
    return _each(rows, batch, lambda chosen: chosen._raw_delete(chosen.db), dry_run=dry_run)


def forget_stored(old: datetime, *, batch: int, dry_run: bool = False) -> int:
    """Delete what this project holds in place of a provider's server, and nobody needs; returns how many rows.

    Args:
        old: what was stored before is old enough.
        batch: rows in one go.
        dry_run: only count. What would be left without anything by this very run is not counted.
    """
    tables = account_tables().values()
    return sum(
        _each(rows, batch, lambda chosen: chosen.delete(), dry_run=dry_run)
        for table in tables
        for rows in table.expired_rows(old)
    )


def _each(rows: QuerySet[Any], batch: int, action: Callable[[QuerySet[Any]], object], *, dry_run: bool) -> int:
    """Do something with rows, a batch at a time, until none is left; returns with how many."""
    rows = rows.order_by()
    if dry_run:
        return rows.count()
    done = 0
    while pks := list(rows.values_list("pk", flat=True)[:batch]):
        action(rows.filter(pk__in=pks))
        done += len(pks)
    return done
