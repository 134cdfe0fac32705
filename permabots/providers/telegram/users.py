"""Reading Telegram's descriptions of accounts and chats."""

from __future__ import annotations

from permabots.providers.base.json_parsing import as_dict, as_int, as_str
from permabots.values import Json, Sender


def person(value: Json) -> Sender | None:
    """Return the account that a ``User`` describes, None where it has no id."""
    user = as_dict(value)
    user_id = id_of(user)
    if not user_id:
        return None
    return Sender(
        id=user_id,
        username=as_str(user.get("username")),
        first_name=as_str(user.get("first_name")),
        last_name=as_str(user.get("last_name")),
    )


def id_of(value: Json) -> str:
    """Return the id of a ``User`` or ``Chat`` as text, "" where it has none."""
    number = as_int(as_dict(value).get("id"))
    return "" if number is None else str(number)
