"""The lease of a conversation, as `permabots.models.conversation.ConversationQuerySet` has it."""

from __future__ import annotations

from uuid import UUID

from permabots.pipeline.postgresql.execution import execute, fetch_row, statement

# The conversation is named by its value everywhere, and by every statement that changes a message: rows that are
# unfinished are in an index of their own, and a server that believes there are none reads all of it for one message.
UNFINISHED = """(
    EXISTS (SELECT FROM permabots_inboundmessage WHERE conversation_id = %(id)s AND status = 'pending')
    OR EXISTS (SELECT FROM permabots_outboundmessage
               WHERE conversation_id = %(id)s AND status IN ('pending', 'started'))
)"""
FREE = "(c.lease_token IS NULL OR c.lease_expires_at < statement_timestamp())"
DUE = """greatest(c.not_before, (SELECT chat.not_before FROM permabots_chat chat
    WHERE chat.bot_id = c.bot_id AND chat.provider = c.provider AND chat.chat_id = c.chat_id))"""

RELEASE = statement("""
UPDATE permabots_conversation SET lease_token = NULL, lease_expires_at = statement_timestamp(),
    last_woken_at = NULL
WHERE id = %(id)s AND lease_token = %(token)s""")

HAS_WORK = statement(f"SELECT {UNFINISHED}")


def release(pk: int, lease_token: UUID) -> bool:
    """Release a lease for which nothing has to wait; False when another worker has taken it."""
    return bool(execute(RELEASE, {"id": pk, "token": lease_token}))


def has_work(pk: int) -> bool:
    """Whether anything is unfinished in a conversation."""
    row = fetch_row(HAS_WORK, {"id": pk})
    return bool(row and row[0])
