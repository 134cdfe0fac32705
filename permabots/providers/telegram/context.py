"""``message`` in templates, in the form that permabots has documented since its first version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from permabots.providers.base.json_parsing import as_dict, from_unix
from permabots.values import Inbound, Json


def message_context(inbound: Inbound) -> dict[str, Any]:
    """Return ``message`` for templates.

    Args:
        inbound: an event of the kind ``text`` or ``button``.

    Returns:
        ``{update_id, message: {…}}`` or ``{update_id, callback_query: {callback_id, data, from_user, message}}``. A
        message has ``message_id, date, forward_from, text, from_user, chat``: the date is a naive `datetime` in UTC;
        accounts and chats are as Telegram describes them.
    """
    update_id = inbound.raw.get("update_id")
    query = inbound.raw.get("callback_query")
    if not isinstance(query, dict):
        return {"update_id": update_id, "message": _message(as_dict(inbound.raw.get("message")), inbound.text)}
    message = query.get("message")
    return {
        "update_id": update_id,
        "callback_query": {
            "callback_id": query.get("id"),
            "data": inbound.text,
            "from_user": query.get("from"),
            "message": _message(message, message.get("text")) if isinstance(message, dict) else None,
        },
    }


def _message(message: Mapping[str, Json], text: Json) -> dict[str, Any]:
    sent = from_unix(message.get("date"))
    return {
        "message_id": message.get("message_id"),
        "date": sent and sent.replace(tzinfo=None),
        "forward_from": message.get("forward_from") or as_dict(message.get("forward_origin")).get("sender_user"),
        "text": text,
        "from_user": message.get("from"),
        "chat": message.get("chat"),
    }
