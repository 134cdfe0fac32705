"""Storing what a turn came to: one statement, and so one transaction, that writes all of it or nothing.

It is what `permabots.pipeline.answering.storing` does by the ORM in a transaction, and it books the place of the first
call in the provider's rates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.utils import timezone

from permabots.models import Contact, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.state import size_of
from permabots.pipeline.postgresql.execution import column_value, fetch_row, quoted, statement
from permabots.pipeline.postgresql.rates import BOOK, booking
from permabots.values import Json, Sender

# Everything depends on `held`, whose lock keeps every other take out until the statement is committed, and on `done`.
# What a person is called is true whoever has the lease, unless the conversation is gone: then they are forgotten.
FINISH = f"""
WITH there AS (
    SELECT id FROM permabots_conversation WHERE id = %(conversation)s AND %(person)s <> '' FOR KEY SHARE
), person AS (
    INSERT INTO permabots_contact
        (id, created_at, updated_at, provider, external_id, username, first_name, last_name)
    SELECT %(contact)s, %(now)s, %(now)s, %(provider)s, %(person)s, %(username)s, %(first_name)s, %(last_name)s
    FROM there
    ON CONFLICT (provider, external_id) DO UPDATE
    SET username = excluded.username, first_name = excluded.first_name, last_name = excluded.last_name,
        updated_at = excluded.updated_at
    RETURNING id
), held AS (
    UPDATE permabots_conversation
    SET lease_expires_at = statement_timestamp() + %(lease)s,
        last_provider_sequence = %(last_provider_sequence)s, last_received_at = %(last_received_at)s,
        contact_id = coalesce((SELECT id FROM person), contact_id)
    WHERE id = %(conversation)s AND lease_token = %(token)s
      AND EXISTS (SELECT FROM permabots_inboundmessage
                  WHERE id = %(id)s AND conversation_id = %(conversation)s AND status = 'pending')
    RETURNING id
), done AS (
    UPDATE permabots_inboundmessage i
    SET status = %(status)s, trace = %(trace)s, error = %(error)s, handled_at = statement_timestamp()
    FROM held WHERE i.id = %(id)s AND i.conversation_id = %(conversation)s AND i.status = 'pending'
    RETURNING i.id
), state AS (
    INSERT INTO permabots_chatstate
        (id, created_at, updated_at, provider, contexts, contexts_size, conversation_id, state_id)
    SELECT %(new_id)s, %(now)s, %(now)s, %(provider)s, %(contexts)s,
           %(contexts_size)s, %(conversation)s, %(state)s
    FROM done WHERE %(state)s IS NOT NULL
    ON CONFLICT (conversation_id) DO UPDATE
    SET state_id = excluded.state_id, contexts = excluded.contexts, contexts_size = excluded.contexts_size,
        updated_at = excluded.updated_at
), {BOOK.replace("{whom}", "done")}, stored AS (
    INSERT INTO permabots_outboundmessage
        (conversation_id, inbound_id, part, payload, status, attempts, interrupted, slot_reserved,
         provider_message_id, error, created_at)
    SELECT %(conversation)s, done.id, call.place - 1, call.payload,
           CASE call.place WHEN 1 THEN 'started' ELSE 'pending' END, CASE call.place WHEN 1 THEN 1 ELSE 0 END,
           0, false, '', '', %(now)s
    FROM done, jsonb_array_elements(%(payloads)s) WITH ORDINALITY AS call (payload, place)
    RETURNING id, part
)
SELECT EXISTS (SELECT FROM done), EXISTS (SELECT FROM chat), EXISTS (SELECT FROM account),
       ARRAY (SELECT id FROM stored ORDER BY part)"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a turn came to.

    Args:
        status: the message's status.
        error: why it failed, "" where it did not.
        trace: the turn's.
        numbering: what the conversation keeps of the messages that were answered.
        state: the id of the state that the chat moves to, None for staying.
        contexts: the chat's contexts then.
        person: who wrote, where they are called otherwise than last time.
        rows: the calls to the provider, not stored yet, in order; the first is claimed.
    """

    status: str
    error: str
    trace: Mapping[str, Json]
    numbering: Mapping[str, Any]
    state: str | None
    contexts: Mapping[str, Json]
    person: Sender | None
    rows: Sequence[OutboundMessage]


def finish(
    row: InboundMessage, integration: IntegrationBot, lease_token: Any, seconds: float, result: Result, *, paused: bool
) -> bool:
    """Store a turn's result, and renew the lease.

    Args:
        row: the message that was answered.
        integration: the account that it came to.
        lease_token: the token of the conversation's lease.
        seconds: how long the lease is valid from now.
        result: what is stored; its rows get their ids, and the first knows what was booked for it.
        paused: whether nothing may be sent by the account now: then nothing is booked.

    Returns:
        False where the lease is lost or the message is finished: nothing was stored.
    """
    conversation, rows = row.conversation, result.rows
    first = rows[0] if rows else None
    values = {
        "conversation": conversation.pk,
        "token": lease_token,
        "lease": timedelta(seconds=seconds),
        **result.numbering,
        "id": row.pk,
        "status": result.status,
        "trace": json.dumps(result.trace),
        "error": column_value(InboundMessage, "error", result.error),
        "new_id": uuid4(),
        "now": timezone.now(),
        "contexts": json.dumps(result.contexts),
        "contexts_size": size_of(result.contexts) if result.state else 0,
        "state": result.state,
        **_described(result.person),
        "payloads": json.dumps([it.payload for it in rows]),
        **booking(conversation, integration, free=first is None or paused or first.payload["optional"]),
    }
    done, in_chat, in_account, ids = fetch_row(_finish(type(integration)._meta.db_table), values) or (
        False,
        False,
        False,
        [],
    )
    if not done:
        return False
    for stored, pk in zip(rows, ids, strict=True):
        stored.pk, stored._state.adding, stored._state.db = pk, False, row._state.db
    if first is not None:
        first.is_booked_in_chat = in_chat
        first.is_booked = in_account or (in_chat and not values["account_step"])
    return True


def _described(person: Sender | None) -> dict[str, Any]:
    """Return the values of a contact; no id for none."""
    found = person or Sender("")
    names = {"username": found.username, "first_name": found.first_name, "last_name": found.last_name}
    values = {name: column_value(Contact, name, value) for name, value in names.items()}
    return {"contact": uuid4(), "person": column_value(Contact, "external_id", found.id), **values}


@cache
def _finish(table: str) -> str:
    """Return the statement for an account's table."""
    return statement(FINISH.replace("{account}", quoted(table)))
