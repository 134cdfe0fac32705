"""Taking messages in: one row each, unique by the provider's own id, on disk before anybody says 200."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from permabots import logs, metrics
from permabots.database import after_commit, atomic, connection
from permabots.models import Conversation, InboundMessage
from permabots.models.registry import providers
from permabots.pipeline import log_context
from permabots.pipeline.receiving import account_routing, acknowledgements, identities, webhook_cache
from permabots.pipeline.receiving.webhook_cache import WebhookTarget
from permabots.pipeline.sending import chat_migration
from permabots.values import Inbound, Json, Kind, WebhookRequest

logger = logs.get_logger(__name__)

DISABLED = "the integration is disabled"
NOT_SERVED = "it is for an account that no bot here serves under the same secret"


def parse(door: WebhookTarget, event: Json) -> list[Inbound]:
    """Read one event that came otherwise than by its webhook, as if it had."""
    request = WebhookRequest(json.dumps(event).encode())
    return providers()[door.slug].parse(request, door.identity)


def receive(door: WebhookTarget, events: Iterable[Inbound]) -> list[int]:
    """Store the events of one webhook call, each in a transaction of its own.

    An event that is there already is left as it is: the refused INSERT decides, nothing before it does.

    Args:
        door: the integration that took them.
        events: as its provider parsed them.

    Returns:
        The ids of the conversations to wake, each once, in order.

    Raises:
        django.db.Error: something could not be stored; the provider must try again. What was stored stays.
    """
    woken = (conversation for event in events if (conversation := _sort(door, event)) is not None)
    return list(dict.fromkeys(woken))


def _sort(door: WebhookTarget, event: Inbound) -> int | None:
    """Store one event where it belongs: with the integration of the account that it is for."""
    if (found := account_routing.door_of(door, event.account)) is None:
        found = door
        event = replace(event, kind=Kind.IGNORED, text=None, chat_id="", user_id="", reason=NOT_SERVED)
    with log_context.event(found, event):
        return _store(found, _moved(found, event))


def _moved(door: WebhookTarget, event: Inbound) -> Inbound:
    """Move a chat that goes on under another id, before anything is stored under that: else states stay behind."""
    if (moved := providers()[door.slug].moved_chat(event)) is None or door.bot_id is None:
        return event
    chat_migration.follow(door.bot_id, door.slug, *moved)
    return replace(event, chat_id=moved[1])


def _store(door: WebhookTarget, event: Inbound) -> int | None:
    """Store one event; the id of its conversation when somebody has to answer it."""
    conversation = webhook_cache.get_conversation(door, event.chat_id, event.user_id, _topic(door, event))
    if conversation is not None and _insert(door, event, conversation):
        return _to_wake(door, event, conversation)
    if conversation is None or not _is_stored(door, event):
        # Not cached, or cached and deleted since.
        conversation = _conversation(door, event)
        if not _insert(door, event, conversation) and not _is_stored(door, event):
            raise IntegrityError(f"{door} cannot store {event.external_id}: its conversation is gone")
    return _to_wake(door, event, conversation)


def _to_wake(door: WebhookTarget, event: Inbound, conversation: int) -> int | None:
    """Return the conversation of a stored event where it is to be answered; a press is acknowledged before that."""
    if not door.enabled or event.kind == Kind.IGNORED:
        identities.doubt(door, event)
        return None
    acknowledgements.request(door, event)
    return conversation


def _conversation(door: WebhookTarget, event: Inbound) -> int:
    topic = _topic(door, event)
    row, _ = Conversation.objects.get_or_create(
        bot_id=_bot_of(door), provider=door.slug, chat_id=event.chat_id, user_id=event.user_id, topic=topic
    )
    webhook_cache.set_conversation(door, event.chat_id, event.user_id, topic, pk=row.pk)
    return row.pk


def _topic(door: WebhookTarget, event: Inbound) -> str:
    """Return the topic whose conversation an event belongs to, "" for the chat's."""
    return providers()[door.slug].topic_of(event) if door.separate_topics else ""


def _bot_of(door: WebhookTarget) -> UUID:
    if door.bot_id is None:
        raise LookupError(f"{door} is not connected to a bot")
    return door.bot_id


def _insert(door: WebhookTarget, event: Inbound, conversation: int) -> bool:
    """Insert the row; False when a constraint refuses it."""
    ignored = event.kind == Kind.IGNORED or not door.enabled
    row = InboundMessage(
        conversation_id=conversation,
        bot_id=_bot_of(door),
        provider=door.slug,
        integration_id=door.integration_id,
        external_id=event.external_id,
        number=event.number,
        kind=event.kind,
        text=event.text,
        reply_to=event.reply_to,
        sender=asdict(event.sender) if event.sender else None,
        raw=event.raw,
        status=InboundMessage.Status.IGNORED if ignored else InboundMessage.Status.PENDING,
        error=event.reason if door.enabled else DISABLED,
    )
    try:
        with _own_savepoint():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    logger.info("message %s stored: %s", row.pk, row.status)
    after_commit(metrics.accepted, door.slug)
    return True


def _own_savepoint() -> AbstractContextManager[Any]:
    """Return a savepoint inside a host's transaction, else nothing: a single INSERT needs no BEGIN and COMMIT."""
    return atomic() if connection().in_atomic_block else nullcontext()


def _is_stored(door: WebhookTarget, event: Inbound) -> bool:
    return InboundMessage.objects.filter(integration_id=door.integration_id, external_id=event.external_id).exists()
