"""Webhook calls in Kik's form, for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

ID = "00000000-0000-4000-8000-000000000001"
"""The message's id: a UUID, as Kik's are."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return the body of a call with one text message, sent just now. A tapped response is such a message too.

    Args:
        text: the person's text, or the label of the tapped response.
        kind: not used.
        chat_id: the id of the chat.
        user_id: the user name of the person.
    """
    message = {
        "type": "text",
        "id": ID,
        "chatId": chat_id,
        "from": user_id,
        "participants": [user_id],
        "mention": None,
        "timestamp": int(time() * 1000),
        "readReceiptRequested": False,
        "chatType": "direct",
        "body": text,
        "metadata": None,
    }
    return {"messages": [message]}
