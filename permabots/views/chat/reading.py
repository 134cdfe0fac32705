"""What a page sends: small bodies of JSON, or a form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from permabots import strict_json
from permabots.exceptions import WebChatRefused
from permabots.pipeline.web_chat.saying import LONGEST_TEXT, Said
from permabots.values import Json, storable
from permabots.views.chat.base import LONGEST_BODY

PRESS = 3
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST_PAGE = 500


def json_body(request: HttpRequest) -> dict[str, Json]:
    """Return the body of a call.

    Raises:
        WebChatRefused: it is too large, or no JSON object.
    """
    try:
        if len(request.body) > LONGEST_BODY:
            raise WebChatRefused(f"The body is larger than {LONGEST_BODY} bytes.", status=413)
        value = strict_json.loads(request.body) if request.body else {}
    except (RequestDataTooBig, UnreadablePostError):
        raise WebChatRefused("The body cannot be read.") from None
    except (ValueError, RecursionError):
        raise WebChatRefused("The body is no JSON.") from None
    if not isinstance(value, dict):
        raise WebChatRefused("The body is no JSON object.")
    return value


def said(values: dict[str, Json]) -> Said:
    """Return what a person says.

    Args:
        values: ``{id, text}`` or ``{id, press: [number, row, column]}``, and perhaps ``page`` and ``lang``.

    Raises:
        WebChatRefused: names what is wrong.
    """
    return Said(
        id=_id(values.get("id")),
        text=_text(values) if values.get("press") is None else "",
        press=None if values.get("press") is None else _press(values["press"]),
        page=_page(values.get("page")),
        lang=_language(values.get("lang")),
    )


def number(value: str | None) -> int | None:
    """Return a number of a query, None where there is none.

    Raises:
        WebChatRefused: it is no number.
    """
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise WebChatRefused("A message's number is a whole number.")
    return int(value)


def _id(value: Json) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise WebChatRefused("id must be a UUID.") from None


def _text(values: dict[str, Json]) -> str:
    text = values.get("text")
    if not isinstance(text, str) or not text.strip():
        raise WebChatRefused("text must be a text that is not empty.")
    if len(text) > LONGEST_TEXT:
        raise WebChatRefused(f"text has more than {LONGEST_TEXT} characters.", status=413)
    return str(storable(text.strip()))


def _press(value: Any) -> tuple[int, int, int]:
    if isinstance(value, list) and len(value) == PRESS and all(type(it) is int and 0 <= it < 10**9 for it in value):
        return value[0], value[1], value[2]
    raise WebChatRefused("press must be the message's number, the row and the column.")


def _page(value: Json) -> str:
    """Return the address of the page that shows the chat: without its query, which may hold what is private."""
    if not isinstance(value, str) or len(value) > _LONGEST_PAGE:
        return ""
    try:
        parts = urlsplit(storable(value))
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme in {"http", "https"} and host else ""


def _language(value: Json) -> str:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else ""
