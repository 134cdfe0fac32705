"""Webhook calls as Facebook would make them, made up for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

MID = "m_sample"
"""The id of the message or press."""
PAGE = "page"
"""Who it was sent to, as templates see it."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return the body of a call with one message, or one press of a button.

    Its entry names no page, so it is for the page of whichever integration reads it.

    Args:
        text: what was written, or the button's data.
        kind: ``button`` for a pressed button.
        chat_id: who wrote or pressed.
    """
    now = int(time() * 1000)
    if kind is Kind.BUTTON:
        content = {"postback": {"mid": MID, "title": "Sample", "payload": text}}
    else:
        content = {"message": {"mid": MID, "text": text}}
    event = {"sender": {"id": chat_id}, "recipient": {"id": PAGE}, "timestamp": now, **content}
    return {"object": "page", "entry": [{"time": now, "messaging": [event]}]}
