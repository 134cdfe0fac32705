"""Events in the web chat's form, for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

ID = "00000000-0000-4000-8000-000000000001"
"""The message's id: a UUID, as the page's are."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return an event, sent just now.

    Args:
        text: the person's text, or the data of the pressed button.
        kind: ``text`` or ``button``.
        chat_id: the id of the chat.
        user_id: not used: the chat is the person.
    """
    said = {"data" if kind is Kind.BUTTON else "text": text}
    return {"id": ID, "chat": chat_id, "number": int(time() * 1000), "name": "", "page": "", "lang": "", **said}
