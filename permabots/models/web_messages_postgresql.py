"""Storing an answer of the web chat on PostgreSQL by one statement; by the ORM it takes seven, and a worker many times
as long as the rest of the sending.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import IntegrityError, NotSupportedError

from permabots.database import close_with_stale_plans, connection
from permabots.values import Json

# The UPDATE locks the visitor's row until the end: messages are visible in the order of their numbers.
_WRITTEN = """
WITH visitor AS (
    UPDATE permabots_webvisitor known SET last = known.last + 1
    WHERE known.web_bot_id = %(account)s::uuid AND known.chat_id = %(chat)s::text
      AND (starts_with(known.chat_id, %(identified)s::text) OR EXISTS (
          SELECT FROM permabots_websession session
          WHERE session.visitor_id = known.id AND session.expires_at > statement_timestamp()))
      AND NOT EXISTS (
          SELECT FROM permabots_webmessage message
          WHERE message.visitor_id = known.id AND message.key = %(key)s::text)
    RETURNING known.id, known.last
)
INSERT INTO permabots_webmessage (visitor_id, number, author, body, key, created_at)
SELECT id, last, 'bot', %(body)s::jsonb, %(key)s::text, statement_timestamp() FROM visitor
RETURNING number"""
INSERT = " ".join(_WRITTEN.split())
"""psycopg keeps what it makes of short statements only."""


def is_used() -> bool:
    """Return whether messages are stored so: on PostgreSQL, outside of a transaction, which a refusal would end."""
    return connection().vendor == "postgresql" and not connection().in_atomic_block


def insert(account: UUID, chat: str, identified: str, body: Json, key: str) -> int | None:
    """Store a message of a bot that is not there yet.

    Args:
        account: the web chat.
        chat: the id of the conversation.
        identified: the beginning of the ids of people who need no session.
        body: see `permabots.models.WebMessage`.
        key: the key.

    Returns:
        Its number; None where nothing was stored: a message with this key is there, or is stored at this moment, or
        nobody can read the conversation any more.
    """
    values: dict[str, Any] = {
        "account": account,
        "chat": chat,
        "identified": identified,
        "body": json.dumps(body),
        "key": key,
    }
    try:
        with connection().cursor() as cursor:
            cursor.execute(INSERT, values)
            found: tuple[Any, ...] | None = cursor.fetchone()
    except IntegrityError:  # another process stores the same at this moment, and was first
        return None
    except NotSupportedError as error:  # the table was changed since it was prepared; nothing was done
        close_with_stale_plans(error)
        raise
    return None if found is None else int(found[0])
