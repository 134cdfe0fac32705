"""Calls as Kik would make them, made up for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

ID = "00000000-0000-4000-8000-000000000001"
"""The message's id: a UUID, as Kik's are."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return a call with one text message, sent just now: a tapped response is one too, and nothing tells them apart.

    Args:
        text: what was written, or the label of the response that was tapped.
        chat_id: where.
        user_id: the name of the person who wrote it.
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
