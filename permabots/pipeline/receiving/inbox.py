"""Storing events: one row each, unique by the provider's own id, on disk before the webhook answers 200."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from permabots import logs, metrics
from permabots.database import after_commit, atomic, connection
from permabots.models import Conversation, InboundMessage
from permabots.models.registry import providers
from permabots.pipeline import log_context
from permabots.pipeline.postgresql import execution, inbox
from permabots.pipeline.receiving import (
    account_routing,
    acknowledgements,
    identities,
    replay_window,
    wake_ups,
    webhook_cache,
)
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.pipeline.sending import chat_migration
from permabots.values import Inbound, Json, Kind, WebhookRequest

logger = logs.get_logger(__name__)

DISABLED = "the integration is disabled"
NOT_SERVED = "it is for an account that no bot here serves under the same secret"


def parse(target: WebhookTarget, event: Json) -> list[Inbound]:
    """Read one event that did not come by its webhook as if it had."""
    request = WebhookRequest(json.dumps(event).encode())
    return providers()[target.slug].parse(request, target.identity)


def store(target: WebhookTarget, events: Iterable[Inbound], *, busy: bool = False) -> list[int]:
    """Store the events of one webhook call, each in a transaction of its own.

    An event that is there already is left as it is: the refused INSERT decides, nothing before it does.

    Args:
        target: the integration that took them.
        events: as its provider parsed them.
        busy: whether its owner has many messages at this moment: then others' presses are acknowledged first.

    Returns:
        The ids of the conversations to wake, each once, in order.

    Raises:
        django.db.Error: something could not be stored; the provider must try again. What was stored stays.
    """
    woken = (conversation for event in events if (conversation := _route(target, event, busy)) is not None)
    return list(dict.fromkeys(woken))


def _route(target: WebhookTarget, event: Inbound, busy: bool) -> int | None:
    """Store one event with the integration of the account that it is for."""
    if (found := account_routing.target_for_account(target, event.account)) is None:
        found = target
        event = replace(event, kind=Kind.IGNORED, text=None, chat_id="", user_id="", reason=NOT_SERVED)
    else:
        event = replay_window.checked(providers()[found.slug], event)
    with log_context.event(found.slug, found.bot_id, found.integration_id, event.external_id):
        return _store(found, _moved(found, event), busy)


def _moved(target: WebhookTarget, event: Inbound) -> Inbound:
    """Move a chat that goes on under another id, before anything is stored under that: else states stay behind."""
    if (moved := providers()[target.slug].moved_chat(event)) is None or target.bot_id is None:
        return event
    chat_migration.follow(target.bot_id, target.slug, *moved)
    return replace(event, chat_id=moved[1])


def _store(target: WebhookTarget, event: Inbound, busy: bool) -> int | None:
    """Store one event; the id of its conversation when somebody has to be woken to answer it."""
    row = _row(target, event)
    if _insert(target, event, row):
        logger.info("message %s stored: %s", row.pk, row.status)
        after_commit(metrics.accepted, target.slug)
    elif (known := _stored(target, event).values_list("conversation_id", flat=True).first()) is not None:
        row.conversation_id = known
    else:
        raise IntegrityError(f"{target} cannot store {event.external_id}: its conversation is gone")
    if not target.enabled or event.kind == Kind.IGNORED:
        identities.request_refresh(target, event)
        return None
    acknowledgements.request(target, event, busy=busy)
    return None if wake_ups.is_on_its_way(row) else row.conversation_id


def _insert(target: WebhookTarget, event: Inbound, row: InboundMessage) -> bool:
    """Insert the row of an event, into its conversation; False where it is there already."""
    place = event.chat_id, event.user_id, _topic(target, event)
    if execution.is_used():
        if inbox.insert(row, *place):
            return True
        cached = True
    elif cached := (known := webhook_cache.get_conversation(target, *place)) is not None:
        row.conversation_id = known
        if _save(row):
            return True
    if cached and _stored(target, event).exists():
        return False
    # Its conversation is made at this moment, or is not cached, or cached and deleted since.
    row.conversation_id = _conversation(target, place)
    return _save(row)


def _conversation(target: WebhookTarget, place: tuple[str, str, str]) -> int:
    chat_id, user_id, topic = place
    row, _ = Conversation.objects.get_or_create(
        bot_id=_bot_of(target), provider=target.slug, chat_id=chat_id, user_id=user_id, topic=topic
    )
    if not execution.is_used():
        webhook_cache.set_conversation(target, *place, pk=row.pk)
    return row.pk


def _topic(target: WebhookTarget, event: Inbound) -> str:
    """Return the topic whose conversation an event belongs to, "" for the chat's."""
    return providers()[target.slug].topic_of(event) if target.separate_topics else ""


def _bot_of(target: WebhookTarget) -> UUID:
    if target.bot_id is None:
        raise LookupError(f"{target} is not connected to a bot")
    return target.bot_id


def _row(target: WebhookTarget, event: Inbound) -> InboundMessage:
    """Return the row of an event, without its conversation."""
    ignored = event.kind == Kind.IGNORED or not target.enabled
    return InboundMessage(
        bot_id=_bot_of(target),
        provider=target.slug,
        integration_id=target.integration_id,
        external_id=event.external_id,
        provider_sequence=event.provider_sequence,
        kind=event.kind,
        text=event.text,
        reply_to=event.reply_to,
        sender=asdict(event.sender) if event.sender else None,
        raw=event.raw,
        status=InboundMessage.Status.IGNORED if ignored else InboundMessage.Status.PENDING,
        error=event.reason if target.enabled else DISABLED,
    )


def _save(row: InboundMessage) -> bool:
    """Insert a row; False when a constraint refuses it."""
    try:
        with _own_savepoint():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _own_savepoint() -> AbstractContextManager[Any]:
    """Return a savepoint inside a host's transaction, else nothing: a single INSERT needs no BEGIN and COMMIT."""
    return atomic() if connection().in_atomic_block else nullcontext()


def _stored(target: WebhookTarget, event: Inbound) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(integration_id=target.integration_id, external_id=event.external_id)
