"""What the template of the page gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils import translation

from permabots import answering_here
from permabots.pipeline.web_chat import limits, reading
from permabots.pipeline.web_chat.chats import OpenChat
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json
from permabots.views.chat import content, why
from permabots.views.chat.language import translated_to
from permabots.views.chat.page_form import Sent
from permabots.views.chat.words import words

OFTEN = 40
"""How often a page without JavaScript looks for an answer quickly: two minutes."""
QUICK, SLOW = 3, 30
"""Seconds between two looks."""
NOTHING = Sent("", "", "", False, "", "")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows beside its messages.

    Args:
        status: of the answer.
        alert: what went wrong, a name of `words`; "" for nothing.
        notice: what else there is to say, a name of `words`; "" for nothing.
        question: ``consent`` or ``forget``, where the person is asked.
        sent: what is kept of what the person sent.
        before: the number before which the messages are that are shown; None for the newest.
    """

    status: int = 200
    alert: str = ""
    notice: str = ""
    question: str = ""
    sent: Sent = NOTHING
    before: int | None = None


def page_context(request: HttpRequest, chat: OpenChat, visit: Visit | None, shown: Shown) -> dict[str, Any]:
    """Return what the template gets.

    Args:
        request: the call.
        chat: the web chat.
        visit: the device whose conversation is shown; None for none.
        shown: what else is shown.

    Raises:
        WebChatRefused: the device has asked too often.
    """
    row, title = chat.row, chat.row.visible_title()
    messages: list[dict[str, Json]] = []
    pending = False
    if visit is not None:
        limits.POLLS.count(visit.key)
        messages = reading.before(visit.visitor, shown.before)
        pending = reading.is_pending(row.bot.pk, visit.chat_id)
    if pending:
        answering_here.watch()
    staff = why.page_context(request, row, visit, messages)
    messages = staff["messages"]
    known, start = words(title), content.start_text(request)
    config = content.config(
        row,
        lang=translated_to(),
        words=known,
        cookie=visit is not None,
        frame="frame" in request.GET,
        origins=row.origins,
        payload=start,
        pending=pending,
        why=staff["staff"] is not None,
    )
    return {
        "chat": row,
        "config": config,
        "bidi": translation.get_language_bidi(),
        "messages": content.as_shown(messages),
        "staff": staff["staff"],
        "earlier": messages[0]["number"] if messages and messages[0]["number"] > 1 else None,
        "is_earlier": shown.before is not None,
        "refresh": _refresh(request, shown) if pending else None,
        "pending": pending,
        "is_known": visit is not None,
        "is_open": row.public or visit is not None or staff["staff"] is not None,
        "shown": shown,
        "alert": known.get(shown.alert, ""),
        "notice": known.get(shown.notice, ""),
        "form": replace(shown.sent, id=shown.sent.id or str(uuid4())),
        "payload": start.partition(" ")[2],
        "starts": row.start != row.Start.NONE and not messages,
    }


def _refresh(request: HttpRequest, shown: Shown) -> dict[str, Any] | None:
    """Return after how many seconds a page without JavaScript is loaded anew, and which number that page then has.

    An address that is the same but for what stands behind ``#`` would be taken for a place in the page that is there.
    None where the person is asked or told something: it would be gone.
    """
    if shown.question or shown.alert or shown.before:
        return None
    written = request.GET.get("said", "0")
    count = int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 0
    return {"after": QUICK if count < OFTEN else SLOW, "number": count + 1}
