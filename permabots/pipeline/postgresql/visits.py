"""Reading the device that polls a web chat, as `permabots.pipeline.web_chat.chats` and `sessions` do by the ORM.

Most polls find nothing new, and most calls of a web chat are polls: building two statements with the ORM would take the
web server several times as long as everything else.
"""

from __future__ import annotations

from typing import Any

from permabots.pipeline.postgresql.execution import fetch_row, statement

LAST = statement(
    """
SELECT visitor.last
FROM permabots_websession session
JOIN permabots_webvisitor visitor ON visitor.id = session.visitor_id
JOIN permabots_webbot chat ON chat.id = visitor.web_bot_id
WHERE session.token_hash = %(key)s AND session.expires_at > statement_timestamp()
  AND chat.account = %(chat)s AND chat.enabled AND chat.status = 'connected'
  AND EXISTS (SELECT FROM permabots_bot bot WHERE bot.web_bot_id = chat.id)""",
    key="text",
)


def last_number(chat: str, key: str) -> int | None:
    """Return the number of the newest message of the device's conversation.

    Args:
        chat: the slug of the web chat.
        key: the SHA-256 of the device's token, in hexadecimal.

    Returns:
        None where the chat is not open, or the device has no session in it: the caller asks again which it is.
    """
    found: tuple[Any, ...] | None = fetch_row(LAST, {"chat": chat, "key": key})
    return None if found is None else int(found[0])
