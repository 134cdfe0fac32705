"""Updates in Telegram's form, for simulations."""

from __future__ import annotations

from time import time

from permabots.values import Json, Kind

NUMBER = 1
"""The id of the update, and of the message in it."""


def simulated_update(text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
    """Return the update of a message, or of a pressed button below a message of the bot.

    Args:
        text: the person's text, or the button's data.
        kind: ``text`` or ``button``.
        chat_id: the id of the chat, digits: the person's id for a private chat, below zero for a group.
        user_id: the id of the person, digits.
    """
    person = {"id": int(user_id), "is_bot": False, "first_name": "Sample"}
    if kind is not Kind.BUTTON:
        return {"update_id": NUMBER, "message": _message(text, person, int(chat_id))}
    under = _message("Sample", {"id": 0, "is_bot": True, "first_name": "Bot"}, int(chat_id))
    query = {"id": str(NUMBER), "from": person, "message": under, "chat_instance": chat_id, "data": text}
    return {"update_id": NUMBER, "callback_query": query}


def _message(text: str, author: dict[str, Json], chat_id: int) -> dict[str, Json]:
    kind = "private" if chat_id > 0 else "group"
    naming = {"first_name": "Sample"} if chat_id > 0 else {"title": "Sample"}
    chat = {"id": chat_id, "type": kind, **naming}
    return {"message_id": NUMBER, "date": int(time()), "from": author, "chat": chat, "text": text}
