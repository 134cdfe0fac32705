"""Storing an event, and asking whether its conversation has a wake-up on its way already.

It is what `permabots.pipeline.receiving.inbox` does by the ORM.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.db import models

from permabots.database import connection
from permabots.models import Conversation, InboundMessage
from permabots.pipeline.postgresql.execution import column_value, fetch_row, statement

PLACE = ("chat_id", "user_id", "topic")
"""The columns that, with the bot and the provider, name a conversation."""

# A conversation that is not there is made. Where two are made at once, one statement stores nothing.
INSERT = """
WITH known AS (
    SELECT id FROM permabots_conversation
    WHERE bot_id = %(bot_id)s AND provider = %(provider)s AND chat_id = %(chat_id)s AND user_id = %(user_id)s
      AND topic = %(topic)s
), made AS (
    INSERT INTO permabots_conversation (bot_id, provider, chat_id, user_id, topic, created_at)
    SELECT %(bot_id)s, %(provider)s, %(chat_id)s, %(user_id)s, %(topic)s, statement_timestamp()
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (bot_id, provider, chat_id, user_id, topic) DO NOTHING
    RETURNING id
)
INSERT INTO permabots_inboundmessage (conversation_id, {columns})
SELECT place.id, {values} FROM (SELECT id FROM known UNION ALL SELECT id FROM made) place
ON CONFLICT (integration_id, external_id) DO NOTHING
RETURNING id, conversation_id"""

WAITS = statement("""
SELECT EXISTS (SELECT FROM permabots_inboundmessage
               WHERE conversation_id = %(conversation)s AND status = 'pending' AND id < %(id)s
                 AND received_at >= %(since)s)
    OR EXISTS (SELECT FROM permabots_outboundmessage
               WHERE conversation_id = %(conversation)s AND status = 'started' AND created_at >= %(since)s)""")


def insert(row: InboundMessage, *place: str) -> bool:
    """Store an event in the conversation that its bot, its provider and a place name.

    Args:
        row: the event, without its conversation; it gets its id and its conversation's.
        place: the values of `PLACE`.

    Returns:
        False where nothing was stored: the event is there already, or its conversation was made at this moment.
    """
    database = connection()
    values = {it.column: it.get_db_prep_save(it.pre_save(row, add=True), database) for it in _fields()}
    for name, value in zip(PLACE, place, strict=True):
        values[name] = column_value(Conversation, name, value)
    stored = fetch_row(_insert(), values)
    if stored is None:
        return False
    row.pk, row.conversation_id = stored
    row._state.adding, row._state.db = False, database.alias
    return True


def is_woken(row: InboundMessage, since: datetime) -> bool:
    """Whether something that is unfinished and not older than ``since`` has woken a message's conversation already."""
    found = fetch_row(WAITS, {"conversation": row.conversation_id, "id": row.pk, "since": since})
    return bool(found and found[0])


@cache
def _fields() -> list[Any]:
    return [it for it in InboundMessage._meta.concrete_fields if it.name not in {"id", "conversation"}]


@cache
def _insert() -> str:
    columns = [str(it.column) for it in _fields()]
    sql = INSERT.format(columns=", ".join(columns), values=", ".join(f"%({column})s" for column in columns))
    types = {str(it.column): _type(it) for it in _fields()}
    return statement(sql, **types, **dict.fromkeys(PLACE, "text"))


def _type(field: Any) -> str:
    """Return the type of a column's value; a text of any length, since a cast to ``varchar(30)`` cuts it silently."""
    return "text" if isinstance(field, (models.CharField, models.TextField)) else str(field.db_type(connection()))
