"""Storing what a turn came to, all of it or nothing. Nothing in here waits for anybody but the database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from permabots import logs, metrics
from permabots.database import atomic
from permabots.engine.definitions import StateDefinition
from permabots.engine.turn_values import Outcome
from permabots.exceptions import LeaseLost
from permabots.models import ChatState, Contact, Conversation, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.state import size_of
from permabots.pipeline.answering import message_order
from permabots.pipeline.lease import Lease
from permabots.pipeline.postgresql import execution, turns
from permabots.values import Inbound, Json, Payload, Sender

logger = logs.get_logger(__name__)

Status = InboundMessage.Status


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that has come to its end, and is not stored yet.

    Args:
        lease: the hold on the conversation.
        row: the message that was answered.
        integration: the account that it came to.
        inbound: the message as its provider read it.
        outcome: of the engine.
        payloads: the calls to the provider that the answer takes, in order.
    """

    lease: Lease
    row: InboundMessage
    integration: IntegrationBot
    inbound: Inbound
    outcome: Outcome
    payloads: Sequence[Payload]

    @property
    def status(self) -> str:
        """The status of the message."""
        return Status.FAILED if self.outcome.error else Status.DONE


def store(turn: Turn) -> list[OutboundMessage]:
    """Store a turn.

    Returns:
        The rows of the answer, committed; the first is claimed by this worker and must be sent at once.

    Raises:
        LeaseLost: the conversation or the message is no longer ours; nothing of the turn was written.
    """
    has_data = any(payload.stored_callback_data for payload in turn.payloads)
    rows = _store_at_once(turn) if execution.is_used() and not has_data else _store_by_orm(turn)
    row, outcome = turn.row, turn.outcome
    row.status = turn.status
    if outcome.error:
        logger.warning("message %s failed: handler %s, %s", row.pk, outcome.handler_id, _where(outcome))
    logger.info("message %s %s: %s calls", row.pk, row.status, len(rows))
    return rows


def _store_at_once(turn: Turn) -> list[OutboundMessage]:
    """Store a turn in one statement."""
    row, outcome, lease, account = turn.row, turn.outcome, turn.lease, turn.integration
    rows = OutboundMessage.objects.make(turn.payloads, conversation=row.conversation, inbound=row, started=True)
    result = turns.Result(
        status=turn.status,
        error=outcome.error,
        trace=outcome.trace,
        numbering=message_order.after(row),
        state=outcome.next_state.id if outcome.next_state else None,
        contexts=outcome.contexts or {},
        person=_new_description(turn),
        rows=rows,
    )
    metrics.turn_done(row.provider, turn.status)
    deadline = time.monotonic() + lease.seconds
    paused = account.paused_until is not None and account.paused_until > timezone.now()
    if not turns.finish(row, account, lease.lease_token, lease.seconds, result, paused=paused):
        raise LeaseLost(f"conversation {lease.conversation_id} was taken over, or message {row.pk} finished")
    lease.deadline = deadline
    return rows


def _store_by_orm(turn: Turn) -> list[OutboundMessage]:
    """Store a turn in one transaction. The renewal comes first: its row lock keeps every other take out until the
    commit."""
    row, outcome = turn.row, turn.outcome
    conversation = row.conversation
    with atomic():
        turn.lease.renew(**message_order.after(row))
        if (person := _new_description(turn)) is not None:
            _keep_contact(row, person)
        if outcome.next_state is not None:
            _keep_state(conversation, outcome.next_state, outcome.contexts)
        rows = (
            OutboundMessage.objects.store(turn.payloads, conversation=conversation, inbound=row, started=True)
            if turn.payloads
            else []
        )
        done = InboundMessage.objects.filter(pk=row.pk, conversation=row.conversation_id, status=Status.PENDING)
        if not done.update(status=turn.status, trace=outcome.trace, error=outcome.error, handled_at=Now()):
            raise LeaseLost(f"message {row.pk} was finished by somebody else")
        metrics.turn_done(row.provider, turn.status)
    return rows


def _where(outcome: Outcome) -> str:
    """Say what of a handler failed. The reason may quote what somebody wrote, which belongs into no log."""
    error: dict[str, Json] = outcome.trace["error"]
    return str(error.get("where", ""))


def _keep_state(conversation: Conversation, state: StateDefinition, contexts: Mapping[str, Json] | None) -> None:
    values: dict[str, Any] = {"state_id": state.id, "contexts": dict(contexts or {}), "updated_at": timezone.now()}
    values["contexts_size"] = size_of(values["contexts"])
    if not ChatState.objects.filter(conversation=conversation).update(**values):
        ChatState.objects.create(conversation=conversation, provider=conversation.provider, **values)


def _new_description(turn: Turn) -> Sender | None:
    """Return the person who wrote, where the provider describes them otherwise than last time."""
    contact, person = turn.row.conversation.contact, turn.inbound.sender
    known = person is None or not person.id or (contact is not None and contact.person() == person)
    return None if known else person


def _keep_contact(row: InboundMessage, person: Sender) -> None:
    """Store how the provider describes a person."""
    conversation = row.conversation
    names = {"username": person.username, "first_name": person.first_name, "last_name": person.last_name}
    fresh, _ = Contact.objects.update_or_create(provider=row.provider, external_id=person.id, defaults=names)
    if conversation.contact_id != fresh.pk:
        Conversation.objects.filter(pk=conversation.pk).update(contact=fresh)
