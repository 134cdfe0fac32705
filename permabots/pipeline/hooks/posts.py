"""Accepting a post to a hook: checked for names that nothing gives, stored once for each key of its caller."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from permabots.engine.turn import CompiledBot
from permabots.exceptions import DataIncomplete, KeyReused, RecipientsUnknown
from permabots.models import Hook, Notification, Recipient
from permabots.pipeline import quotas
from permabots.pipeline.answering.compiled_bots import without_handlers
from permabots.pipeline.hooks import notifications
from permabots.pipeline.hooks.post_check import check_texts, gaps_of
from permabots.pipeline.hooks.recipients import find_recipients, split_names
from permabots.values import Json


@dataclass(frozen=True, slots=True)
class Accepted:
    """A post that is stored.

    Args:
        row: what is stored.
        warnings: sentences for the caller; none for a post that was accepted before.
    """

    row: Notification
    warnings: tuple[str, ...] = ()


def accept(hook: Hook, data: Json, idempotency_key: str | None = None, names: Sequence[str] | None = None) -> Accepted:
    """Store a post to a hook, unless it was stored before.

    Args:
        hook: which.
        data: storable JSON.
        idempotency_key: the caller's; the same key a second time is the same notification.
        names: whom the caller names, as `permabots.pipeline.hooks.recipients.find_recipients` takes them; None for
            those whom the hook's own template names, or all.

    Raises:
        RecipientsUnknown: somebody is named who is no recipient of the hook.
        DataIncomplete: the hook is strict, and its template reads what the data do not give, or fails, for one of the
            recipients that `permabots.pipeline.hooks.post_check` looks at.
        QuotaReached: the bot has as many stored messages as it may have.
        KeyReused: the key was used before for other data.
    """
    fingerprint = _fingerprint({"data": data, "names": names and sorted(set(names))})
    if (before := _stored(hook, idempotency_key)) is not None:
        return Accepted(_same(before, fingerprint))
    quotas.check_messages(hook.bot)
    bot = without_handlers(hook.bot)
    chosen, open_names = _chosen(bot, hook, data, names)
    checked = check_texts(bot, hook, data, chosen)
    gaps = tuple(dict.fromkeys((*open_names, *checked.gaps)))
    if hook.strict and gaps:
        raise DataIncomplete(gaps)
    row = notifications.store(hook, data, idempotency_key, fingerprint, chosen)
    quotas.note_messages(hook.bot, row.total)
    return Accepted(_same(row, fingerprint), gaps or (*checked.silence, *(checked.unchecked if hook.strict else ())))


def _chosen(
    bot: CompiledBot, hook: Hook, data: Json, names: Sequence[str] | None
) -> tuple[list[Recipient] | None, tuple[str, ...]]:
    """Return who is told, None for all, and what the hook's template for it did not find."""
    if names is not None:
        return find_recipients(hook, names), ()
    if not hook.recipients_template:
        return None, ()
    text, trace = bot.name_recipients(hook.definition(), data)
    gaps = gaps_of(trace)
    if "error" in trace:
        raise RecipientsUnknown(gaps)
    return find_recipients(hook, split_names(text)), gaps


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
