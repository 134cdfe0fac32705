"""``message`` in templates, in the form that permabots has had for Kik since its first version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from permabots.providers.base.json_parsing import as_int, from_unix
from permabots.values import Inbound, Json


def message_context(inbound: Inbound) -> dict[str, Any]:
    """Return ``message`` for templates.

    Args:
        inbound: an event of the kind ``text``.

    Returns:
        ``{id, from, chatId, participants, timestamp, body, type}``: the timestamp is a naive `datetime` in UTC; the
        type is always ``text``; the body of the event that begins a conversation is ``/start``.
    """
    message = inbound.raw
    participants = message.get("participants")
    return {
        "id": message.get("id"),
        "from": message.get("from"),
        "chatId": message.get("chatId"),
        "participants": participants if isinstance(participants, list) else [],
        "timestamp": sent_at(message),
        "body": inbound.text,
        "type": "text",
    }


def sent_at(message: Mapping[str, Json]) -> datetime | None:
    """Return the time when a message was sent, naive and in UTC; None where its ``timestamp`` is no such number."""
    milliseconds = as_int(message.get("timestamp"))
    if milliseconds is None or (second := from_unix(milliseconds // 1000)) is None:
        return None
    return second.replace(microsecond=milliseconds % 1000 * 1000, tzinfo=None)
