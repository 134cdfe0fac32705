"""How much one webhook call may store: a call of a thousand events keeps a web thread as long as a thousand calls do.

A call within what its provider documents is stored whole. Of a larger one the first new events are stored, in order,
and the provider is asked to repeat the call: each repetition stores the next ones, until all are stored once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from permabots.conf import get_config
from permabots.exceptions import WebhookRejected
from permabots.models import InboundMessage
from permabots.models.registry import providers
from permabots.pipeline.receiving.account_routing import target_for_account
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.values import Inbound

LOOKED_UP = 500
"""Events that one statement looks up."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one webhook call stores.

    Args:
        events: the events, in order.
        more: whether the call has further new events, for which it must be repeated.
    """

    events: Sequence[Inbound]
    more: bool


def next_batch(target: WebhookTarget, events: Sequence[Inbound]) -> Batch:
    """Return which events of a webhook call are stored now.

    Args:
        target: the integration whose webhook brought them.
        events: as its provider parsed them.

    Raises:
        WebhookRejected: they are more than one call may have.
        django.db.Error: the database failed.
    """
    config, documented = get_config(), providers()[target.slug].events_per_call
    if len(events) > (limit := max(config.webhook_max_events, documented)):
        words = f"One call may have {limit} events, and this one has {len(events)}."
        raise WebhookRejected(words, status=413, detail=words)
    if len(events) <= (limit := max(config.webhook_new_events, documented)):
        return Batch(events, more=False)
    new = list(islice(_new(target, events), limit + 1))
    return Batch(new[:limit], more=len(new) > limit)


def _new(target: WebhookTarget, events: Sequence[Inbound]) -> Iterator[Inbound]:
    """Yield the events that no committed row has. What is being stored at this moment is left to its constraint."""
    integrations: dict[str, UUID] = {}
    seen: set[tuple[UUID, str]] = set()
    for start in range(0, len(events), LOOKED_UP):
        part, keys = events[start : start + LOOKED_UP], []
        for event in part:
            if event.account not in integrations:
                integrations[event.account] = (target_for_account(target, event.account) or target).integration_id
            keys.append((integrations[event.account], _stored_id(event)))
        seen |= _stored(keys)
        for key, event in zip(keys, part, strict=True):
            if key not in seen:
                seen.add(key)
                yield event


def _stored(keys: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    accounts, ids = zip(*keys, strict=True)
    rows = InboundMessage.objects.filter(integration_id__in=set(accounts), external_id__in=ids)
    return set(rows.values_list("integration_id", "external_id"))


def _stored_id(event: Inbound) -> str:
    """Return an event's id in the form that its column has it."""
    column: Any = InboundMessage._meta.get_field("external_id")
    return str(column.get_prep_value(event.external_id))
