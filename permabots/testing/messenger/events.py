"""What happens in a Messenger thread, as webhooks tell it."""

from __future__ import annotations

from typing import Any

from permabots.values import Json

FIELDS = {
    "message": "messages",
    "postback": "messaging_postbacks",
    "delivery": "message_deliveries",
    "read": "message_reads",
    "referral": "messaging_referrals",
    "optin": "messaging_optins",
    "reaction": "message_reactions",
}
"""What a page must be subscribed to, by the key that says what happened."""


def event(sender: str, recipient: str, timestamp: int, **what: Json) -> dict[str, Any]:
    """Return one entry of ``messaging``.

    Args:
        sender: an id: a person's (PSID), for an echo the page's.
        recipient: the other one.
        timestamp: in milliseconds since 1970.
        what: one key that says what happened, as ``message``.
    """
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": timestamp, **what}


def field_of(body: dict[str, Any]) -> str:
    """Return what a page must be subscribed to in order to be told this; "" for nothing known."""
    if body.get("message", {}).get("is_echo"):
        return "message_echoes"
    return next((name for key, name in FIELDS.items() if key in body), "")


def id_of(body: dict[str, Any]) -> str:
    """Return the ``mid`` of a message or a postback, "" for what has none."""
    for key in ("message", "postback"):
        if key in body:
            return str(body[key].get("mid", ""))
    return ""


def envelope(bodies: list[tuple[str, dict[str, Any]]], moment: int) -> dict[str, Json]:
    """Return the body of a webhook call.

    Args:
        bodies: page id and event, in order; those of one page that follow one another share an entry.
        moment: in milliseconds since 1970.
    """
    entries: list[dict[str, Any]] = []
    for page_id, body in bodies:
        if not entries or entries[-1]["id"] != page_id:
            entries.append({"id": page_id, "time": moment, "messaging": []})
        entries[-1]["messaging"].append(body)
    return {"object": "page", "entry": entries}
