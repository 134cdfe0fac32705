"""Webhook calls in Facebook's form, for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

MID = "m_sample"
"""The id of the message or postback."""
PAGE = "page"
"""The id of the event's recipient, as templates see it."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return the body of a call with one message or one pressed button.

    Its entry names no page, so the event is for the page of the integration that reads it.

    Args:
        text: the person's text, or the button's data.
        kind: ``text`` or ``button``.
        chat_id: the id of the person.
        user_id: not used: a chat has one person.
    """
    now = int(time() * 1000)
    if kind is Kind.BUTTON:
        content = {"postback": {"mid": MID, "title": "Sample", "payload": text}}
    else:
        content = {"message": {"mid": MID, "text": text}}
    event = {"sender": {"id": chat_id}, "recipient": {"id": PAGE}, "timestamp": now, **content}
    return {"object": "page", "entry": [{"time": now, "messaging": [event]}]}
