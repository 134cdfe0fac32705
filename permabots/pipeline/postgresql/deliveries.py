"""Writing that a row was sent, as `permabots.pipeline.sending.results` does by the ORM."""

from __future__ import annotations

from permabots.models import OutboundMessage
from permabots.pipeline.postgresql.execution import column_value, execute, statement

# Not by its conversation, which may have changed when the lease was lost, and so not by an index of what is unfinished:
# see `permabots.pipeline.postgresql.conversations`.
SENT = statement("""
UPDATE permabots_outboundmessage
SET status = 'sent', provider_message_id = %(message_id)s, sent_at = statement_timestamp(), error = %(error)s
WHERE id = %(id)s AND status || '' = 'started' AND attempts = %(attempts)s""")


def mark_sent(row: OutboundMessage, message_id: str, error: str) -> bool:
    """Write that this very attempt sent a row; False where somebody claimed the row again meanwhile."""
    values = {
        "id": row.pk,
        "attempts": row.attempts,
        "message_id": column_value(OutboundMessage, "provider_message_id", message_id),
        "error": column_value(OutboundMessage, "error", error),
    }
    return bool(execute(SENT, values))
