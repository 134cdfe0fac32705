"""One turn: a message in, the engine's outcome, and one transaction that makes it true."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import Error
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from permabots import logs, metrics
from permabots.conf import Config, get_config
from permabots.database import atomic
from permabots.engine.definitions import StateDefinition
from permabots.engine.turn import Outcome
from permabots.exceptions import Busy, LeaseLost
from permabots.models import ChatState, Contact, Conversation, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.state import size_of
from permabots.pipeline.answering import message_order, translation
from permabots.pipeline.answering.compiled_bots import compiled
from permabots.pipeline.lease import Lease
from permabots.pipeline.next_work import contexts_of
from permabots.pipeline.postgresql import execution, turns
from permabots.pipeline.user_api import guarded_client
from permabots.providers.base.contract import Provider
from permabots.values import Inbound, Json, Payload, Sender

logger = logs.get_logger(__name__)

Status = InboundMessage.Status


def run(lease: Lease, row: InboundMessage, slug: str) -> list[OutboundMessage]:
    """Answer one message.

    Args:
        lease: the hold on its conversation.
        row: as `permabots.pipeline.next_work.look` found it.
        slug: the provider.

    Returns:
        The rows of the answer, committed; the first is already claimed by this worker and must be sent at once.

    Raises:
        LeaseLost: the conversation or the message is no longer ours; nothing of the turn was written.
        Busy: the bot's API is called as often as it may be at once; the turn does not count as begun.
    """
    config = get_config()
    integration = row.conversation.bot.integration(slug)
    if (refusal := _refusal(row, integration, config)) is not None or integration is None:
        _finish(lease, row, *(refusal or (Status.PARKED, "")))
        return []
    if not row.is_counted:
        _count(lease, row)
    with _recorded(lease, row):
        inbound = translation.with_stored_data(row.inbound(), row.conversation.bot_id)
        lease.ensure(config.request_timeout + config.render_timeout)
        try:
            outcome = _answer(row, inbound, integration.provider)
        except Busy:
            _uncount(lease, row)
            raise
        return _commit(lease, row, integration, outcome, translation.calls(integration.provider, inbound, outcome))


def _refusal(row: InboundMessage, integration: IntegrationBot | None, config: Config) -> tuple[Status, str] | None:
    """Return why a message is not answered at all, and its status then."""
    if integration is None or integration.pk != row.integration_id:
        return Status.PARKED, "its integration was removed or replaced"
    if not integration.enabled:
        return Status.SKIPPED, "the integration is disabled"
    if row.attempts >= config.turn_attempts:
        last = f", the last time with {row.error}" if row.error else ""
        return Status.PARKED, f"begun {row.attempts} times without coming to an end{last}"
    return None


def _finish(lease: Lease, row: InboundMessage, status: Status, error: str) -> None:
    pending = InboundMessage.objects.filter(pk=row.pk, status=Status.PENDING).with_lease(lease.lease_token)
    if not pending.update(status=status, error=error, handled_at=Now()):
        raise LeaseLost(f"message {row.pk} is no longer ours")
    logger.info("message %s %s: %s", row.pk, status, error)
    metrics.turn_done(row.provider, status)


def _count(lease: Lease, row: InboundMessage) -> None:
    """Commit the attempt before anything of the turn runs: a message that kills its worker is parked in the end."""
    if (
        not InboundMessage.objects.filter(pk=row.pk, status=Status.PENDING)
        .with_lease(lease.lease_token)
        .count_attempt()
    ):
        raise LeaseLost(f"message {row.pk} is no longer ours")


def _uncount(lease: Lease, row: InboundMessage) -> None:
    """Take back an attempt that ended for a reason outside of the message."""
    pending = InboundMessage.objects.filter(pk=row.pk, status=Status.PENDING).with_lease(lease.lease_token)
    pending.update(attempts=F("attempts") - 1)
    logger.info("message %s waits: the bot has as many requests in flight as it may", row.pk)


@contextmanager
def _recorded(lease: Lease, row: InboundMessage) -> Iterator[None]:
    """Keep the name of an unforeseen error with the message, so that it can be told why it was parked."""
    try:
        yield
    finally:
        error = sys.exception()
        if error is not None and not isinstance(error, LeaseLost | Busy | Error):
            name = type(error).__name__
            logger.error("turn of message %s failed: %s", row.pk, name)
            InboundMessage.objects.filter(pk=row.pk, status=Status.PENDING).with_lease(lease.lease_token).update(
                error=name
            )
            metrics.turn_done(row.provider, "retry")


def _answer(row: InboundMessage, inbound: Inbound, provider: Provider) -> Outcome:
    """Run the engine. No transaction is open: it may call the user's API."""
    conversation = row.conversation
    chat_state: ChatState | None = getattr(conversation, "chat_state", None)
    turn = translation.turn_input(
        provider,
        inbound,
        state=chat_state.state.definition() if chat_state else None,
        contexts=lambda: contexts_of(row),
        idempotency_key=logs.correlation(row.integration_id, row.external_id),
        fallback=conversation.bot.fallback_text,
    )
    known: Any = row
    api = guarded_client.BotApi(conversation.bot_id, has_recent_failures=known.has_failing_api)
    outcome = compiled(conversation.bot).answer(turn, api)
    if message_order.is_late(row):
        outcome.trace["late"] = "a later message was answered before this one arrived"
    return outcome


def _commit(
    lease: Lease, row: InboundMessage, integration: IntegrationBot, outcome: Outcome, payloads: list[Payload]
) -> list[OutboundMessage]:
    """Make the turn true, all of it or nothing. Nothing in here waits for anybody but the database."""
    status = Status.FAILED if outcome.error else Status.DONE
    if execution.is_used() and not any(payload.stored_callback_data for payload in payloads):
        rows = _finish_at_once(lease, row, integration, outcome, payloads, status)
    else:
        rows = _finish_turn(lease, row, outcome, payloads, status)
    row.status = status
    if outcome.error:
        logger.warning("message %s failed: handler %s, %s", row.pk, outcome.handler_id, _where(outcome))
    logger.info("message %s %s: %s calls", row.pk, status, len(rows))
    return rows


def _finish_at_once(
    lease: Lease,
    row: InboundMessage,
    integration: IntegrationBot,
    outcome: Outcome,
    payloads: list[Payload],
    status: Status,
) -> list[OutboundMessage]:
    """Store the turn in one statement."""
    rows = OutboundMessage.objects.make(payloads, conversation=row.conversation, inbound=row, started=True)
    state = outcome.next_state
    result = turns.Result(
        status=status,
        error=outcome.error,
        trace=outcome.trace,
        numbering=message_order.after(row),
        state=state.id if state else None,
        contexts=outcome.contexts or {},
        person=_new_description(row),
        rows=rows,
    )
    metrics.turn_done(row.provider, status)
    deadline = time.monotonic() + lease.seconds
    paused = integration.paused_until is not None and integration.paused_until > timezone.now()
    if not turns.finish(row, integration, lease.lease_token, lease.seconds, result, paused=paused):
        raise LeaseLost(f"conversation {lease.conversation_id} was taken over, or message {row.pk} finished")
    lease.deadline = deadline
    return rows


def _finish_turn(
    lease: Lease, row: InboundMessage, outcome: Outcome, payloads: list[Payload], status: Status
) -> list[OutboundMessage]:
    """Store the turn in one transaction. The renewal comes first: its row lock keeps every other take out until the
    commit."""
    conversation = row.conversation
    with atomic():
        lease.renew(**message_order.after(row))
        _keep_contact(row)
        if outcome.next_state is not None:
            _keep_state(conversation, outcome.next_state, outcome.contexts)
        rows = (
            OutboundMessage.objects.store(payloads, conversation=conversation, inbound=row, started=True)
            if payloads
            else []
        )
        done = InboundMessage.objects.filter(pk=row.pk, status=Status.PENDING)
        if not done.update(status=status, trace=outcome.trace, error=outcome.error, handled_at=Now()):
            raise LeaseLost(f"message {row.pk} was finished by somebody else")
        metrics.turn_done(row.provider, status)
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


def _new_description(row: InboundMessage) -> Sender | None:
    """Return the person who wrote, where the provider describes them otherwise than last time."""
    contact, person = row.conversation.contact, row.inbound().sender
    known = person is None or not person.id or (contact is not None and contact.person() == person)
    return None if known else person


def _keep_contact(row: InboundMessage) -> None:
    """Refresh the person when the provider describes them otherwise than last time."""
    conversation, person = row.conversation, _new_description(row)
    if person is None:
        return
    names = {"username": person.username, "first_name": person.first_name, "last_name": person.last_name}
    fresh, _ = Contact.objects.update_or_create(provider=row.provider, external_id=person.id, defaults=names)
    if conversation.contact_id != fresh.pk:
        Conversation.objects.filter(pk=conversation.pk).update(contact=fresh)
