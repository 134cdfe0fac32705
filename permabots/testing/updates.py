"""Builders of Telegram updates, shaped as the Bot API sends them.

    text_update(1001, 7, "/start promo")          # a person writes to the bot in private
    text_update(1002, -100500, "/help@shop_bot", user=7)     # the same person, in a group
    callback_update(1003, 7, "size:l", message_id=55)        # presses a button under message 55

Everything has a sensible value: a private chat's id is its person's id, ids below zero are groups, dates are now.
`TelegramServer.deliver` numbers an update whose ``update_id`` or ``message_id`` is None.
"""

from __future__ import annotations

import re
from time import time
from typing import Any

from permabots.values import Json

_ENTITIES = re.compile(
    r"(?<![\w/@])(?:(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)|(?P<mention>@\w{3,32}))(?!\w)"
)

_BOT = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "some_bot"}


def person(user_id: int, first_name: str = "", **fields: Json) -> dict[str, Json]:
    """Return a Telegram User.

    Args:
        user_id: its id.
        first_name: "" for ``User <id>``.
        fields: more fields, as ``last_name``, ``username``, ``language_code``.
    """
    return {"id": user_id, "is_bot": False, "first_name": first_name or f"User {user_id}", **fields}


def chat(chat_id: int, chat_type: str = "", **fields: Json) -> dict[str, Json]:
    """Return a Telegram Chat.

    Args:
        chat_id: its id.
        chat_type: ``private``, ``group``, ``supergroup`` or ``channel``; "" guesses it from the id, as Telegram
            numbers them: above zero private, from -1000000000001 down a supergroup, else a group.
        fields: more fields, as ``title``.
    """
    if not chat_type:
        chat_type = "private" if chat_id > 0 else "supergroup" if chat_id <= -1_000_000_000_001 else "group"
    naming: dict[str, Json] = {"title": f"Chat {chat_id}"}
    if chat_type == "private":
        naming = {"first_name": f"User {chat_id}"}
    return {"id": chat_id, "type": chat_type, **naming, **fields}


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 code units, the unit of Telegram's offsets and limits."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def found_entities(text: str) -> list[dict[str, Json]]:
    """Return the commands and mentions in a text as MessageEntity objects."""
    return [
        {
            "type": match.lastgroup,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in _ENTITIES.finditer(text)
    ]


def message(
    chat_id: int,
    *,
    user: int | dict[str, Json] | None = None,
    chat_type: str = "",
    message_id: int | None = None,
    date: int | None = None,
    **content: Json,
) -> dict[str, Json]:
    """Return a Message that a person wrote.

    Args:
        chat_id: the chat it was written in.
        user: who wrote it: an id or a whole User; None for the person of a private chat, in a group for person 1.
        chat_type: as in `chat`.
        message_id: None to have it numbered on delivery.
        date: seconds since 1970; None for now.
        content: the rest, as ``text``, ``caption``, ``location``, ``contact``, ``photo``, ``reply_to_message``.
    """
    if user is None:
        user = chat_id if chat_id > 0 else 1
    author = person(user) if isinstance(user, int) else user
    place = chat(chat_id, chat_type)
    if place["type"] == "private":
        place |= {key: author[key] for key in ("first_name", "last_name", "username") if key in author}
    when = int(time()) if date is None else date
    return {"message_id": message_id, "from": author, "chat": place, "date": when, **content}


def message_update(update_id: int | None, chat_id: int, **fields: Any) -> dict[str, Json]:
    """Return an update with any message; ``fields`` are those of `message`."""
    return {"update_id": update_id, "message": message(chat_id, **fields)}


def text_update(update_id: int | None, chat_id: int, text: str, **fields: Any) -> dict[str, Json]:
    """Return an update with a text message; its commands and mentions are marked as entities.

    Args:
        update_id: None to have it numbered on delivery.
        chat_id: the chat it was written in.
        text: what was written.
        fields: those of `message`.
    """
    return message_update(update_id, chat_id, **_text_content(text), **fields)


def edited_update(update_id: int | None, chat_id: int, text: str, message_id: int, **fields: Any) -> dict[str, Json]:
    """Return the update that says that a text message was edited; ``fields`` are those of `message`."""
    content = {"edit_date": int(time()), **_text_content(text)}
    return {"update_id": update_id, "edited_message": message(chat_id, message_id=message_id, **content, **fields)}


def callback_update(
    update_id: int | None,
    chat_id: int,
    data: str,
    *,
    message_id: int | None = None,
    under: dict[str, Json] | None = None,
    user: int | dict[str, Json] | None = None,
    callback_id: str | None = None,
) -> dict[str, Json]:
    """Return an update with a pressed inline button.

    Args:
        update_id: None to have it numbered on delivery.
        chat_id: the chat of the message with the button.
        data: the button's ``callback_data``.
        message_id: the message with the button, where `under` is not given.
        under: the whole message with the button; None makes one of a text and this button.
        user: who pressed, as in `message`.
        callback_id: the query's id; None to have it numbered on delivery.
    """
    author = message(chat_id, user=user)["from"]
    if under is None:
        markup = {"inline_keyboard": [[{"text": data, "callback_data": data}]]}
        under = message(chat_id, user=_BOT, message_id=message_id, text="Choose", reply_markup=markup)
        under["chat"] = chat(chat_id)
    query = {"id": callback_id, "from": author, "message": under, "chat_instance": str(chat_id), "data": data}
    return {"update_id": update_id, "callback_query": query}


def member_update(update_id: int | None, chat_id: int, status: str, **fields: Any) -> dict[str, Json]:
    """Return the update that says what the bot now is in a chat.

    Args:
        update_id: None to have it numbered on delivery.
        chat_id: the chat; a private one for block and unblock.
        status: ``kicked`` (in private: blocked), ``member``, ``left``, ``administrator``.
        fields: those of `message`.
    """
    event = message(chat_id, **fields)
    del event["message_id"]
    before = "member" if status == "kicked" else "kicked"
    event |= {"old_chat_member": _membership(before), "new_chat_member": _membership(status)}
    return {"update_id": update_id, "my_chat_member": event}


def migrated_update(update_id: int | None, chat_id: int, new_chat_id: int, **fields: Any) -> dict[str, Json]:
    """Return the service message in an old group that says under which id it goes on as a supergroup."""
    return message_update(update_id, chat_id, migrate_to_chat_id=new_chat_id, **fields)


def _text_content(text: str) -> dict[str, Json]:
    entities = found_entities(text)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _membership(status: str) -> dict[str, Json]:
    return {"status": status, "user": _BOT, **({"until_date": 0} if status == "kicked" else {})}
