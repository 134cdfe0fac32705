"""The page as a form, for browsers without JavaScript: what is posted, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from permabots.exceptions import WebChatRefused
from permabots.pipeline.web_chat.chats import OpenChat
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json
from permabots.views.chat import entering
from permabots.views.chat.base import SESSION_ENDED
from permabots.views.chat.content import start_text
from permabots.views.chat.reading import PRESS, said


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent by the form.

    Args:
        id: of the form, "" for none.
        text: what was written, or what the button "Start" says.
        press: the place of the pressed button, ``number.row.column``; "" for none.
        consent: whether the person has agreed.
        lang: the language of the page.
        forget: ``ask`` or ``yes`` where the person wants to be forgotten.
    """

    id: str
    text: str
    press: str
    consent: bool
    lang: str
    forget: str


def read(request: HttpRequest) -> Sent:
    """Return what was sent.

    Raises:
        WebChatRefused: it is too large, or broke off.
    """
    try:
        form = request.POST
    except RequestDataTooBig:  # a project may take less than we do
        raise WebChatRefused("The form is too large.", status=413) from None
    except UnreadablePostError:
        raise WebChatRefused("The form cannot be read.") from None
    text = form.get("text", "")
    return Sent(
        id=form.get("id", ""),
        text=start_text(request) if "start" in form else text.replace("\r\n", "\n"),
        press=form.get("press", ""),
        consent="consent" in form,
        lang=form.get("lang", ""),
        forget=form.get("forget", ""),
    )


def take(request: HttpRequest, chat: OpenChat, visit: Visit | None, sent: Sent) -> str:
    """Store what was sent.

    Args:
        request: the call.
        chat: the web chat.
        visit: the device, None for one that has no conversation yet.
        sent: what.

    Returns:
        The token of the device, where its conversation begins; "" else.

    Raises:
        WebChatRefused: consent is missing, with 403, or anything else that `chat.js` is refused for.
    """
    message = said(_as_json(sent))
    consent: dict[str, Json] = {"consent": sent.consent}
    token = ""
    if visit is None:
        if message.press is not None:
            raise WebChatRefused(SESSION_ENDED, status=401)
        visit, token = entering.enter(request, chat, consent)
    entering.check_consent(chat, visit, consent)
    entering.say(chat, visit, message)
    return token


def _as_json(sent: Sent) -> dict[str, Json]:
    """Return the same as `chat.js` would send it. The same form with the same content is the same message."""
    values: dict[str, Any] = {"id": _message_id(sent), "lang": sent.lang}
    if not sent.press:
        return {**values, "text": sent.text}
    parts = sent.press.split(".")
    if len(parts) != PRESS or not all(it.isascii() and it.isdigit() and len(it) < 10 for it in parts):
        raise WebChatRefused("press must be the message's number, the row and the column.")
    return {**values, "press": [int(it) for it in parts]}


def _message_id(sent: Sent) -> str:
    try:
        form = UUID(sent.id)
    except ValueError:
        form = uuid4()
    content = f"{form} {sent.press} {sent.text if not sent.press else ''}"
    return str(uuid5(NAMESPACE_OID, content.encode("utf-8", "replace").decode()))
