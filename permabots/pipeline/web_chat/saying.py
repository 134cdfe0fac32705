"""What a person says: stored as their message and as the bot's event, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from permabots.database import atomic
from permabots.exceptions import WebChatRefused
from permabots.models import WebMessage, WebVisitor
from permabots.pipeline.receiving import inbox
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json

LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says.

    Args:
        id: the id that the page gave it: the same again is the same message.
        text: what was written; "" where a button was pressed.
        press: the place of the pressed button: the number of its message, its row and its column, from 0.
        page: the address of the page that shows the chat, without its query; "" where it is not known.
        lang: the language of the page, "" where it is not known.
    """

    id: str
    text: str = ""
    press: tuple[int, int, int] | None = None
    page: str = ""
    lang: str = ""


def store(target: WebhookTarget, visit: Visit, said: Said) -> tuple[int, list[int]]:
    """Store a message once.

    The visitor's row is locked first, then the event is inserted: both are committed together, or neither.

    Args:
        target: the web chat's account.
        visit: who says it.
        said: what.

    Returns:
        The number of the message, and the ids of the conversations to wake once all is committed.

    Raises:
        WebChatRefused: there is no such button, or the person was forgotten meanwhile.
        django.db.Error: it could not be stored; the page must try again.
    """
    body, event = _contents(visit, said)
    with atomic():
        number = WebVisitor.objects.append(visit.visitor, WebMessage.Author.PERSON, body, f"p:{said.id}")
        if number is None:
            raise WebChatRefused("This conversation has been deleted.", status=401)
        raw = {
            "id": said.id,
            "chat": visit.chat_id,
            "number": number,
            "name": visit.name,
            "page": said.page,
            "lang": said.lang,
            **event,
        }
        return number, inbox.store(target, inbox.parse(target, raw))


def _contents(visit: Visit, said: Said) -> tuple[Json, Json]:
    """Return the message as the page shows it, and what is special about its event."""
    if said.press is None:
        return {"text": said.text}, {"text": said.text}
    button = _button(visit, said.press)
    return {"text": button["label"], "press": list(said.press)}, {"data": button["data"], "label": button["label"]}


def _button(visit: Visit, press: tuple[int, int, int]) -> dict[str, Any]:
    """Return the button at a place in this conversation. Its data never leave the server, so nobody can forge any."""
    number, row, column = press
    messages = WebMessage.objects.filter(visitor=visit.visitor, number=number, author=WebMessage.Author.BOT)
    body = messages.values_list("body", flat=True).first() or {}
    rows = body.get("keyboard", [])
    if 0 <= row < len(rows) and 0 <= column < len(rows[row]) and "data" in (button := rows[row][column]):
        return dict(button)
    raise WebChatRefused("There is no such button.", status=404)
