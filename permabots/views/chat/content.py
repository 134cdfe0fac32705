"""What the template of the page shows: messages as HTML of our own making, and what `chat.js` must know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from permabots.models import WebBot
from permabots.pipeline.web_chat.reading import SCHEMES
from permabots.values import Json

_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may stand behind ``/start``, as on Telegram."""
_STYLES = {
    "bold": "<strong>{}</strong>",
    "italic": "<em>{}</em>",
    "underline": "<u>{}</u>",
    "strike": "<s>{}</s>",
    "code": "<code>{}</code>",
    "pre": '<code class="pb-pre">{}</code>',
    "quote": '<span class="pb-quote">{}</span>',
    "spoiler": '<span class="pb-spoiler" tabindex="0">{}</span>',
}
_LINK = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'


def as_shown(messages: Sequence[dict[str, Json]]) -> list[dict[str, Any]]:
    """Return messages for the template: with ``html``, ``moment``, and ``rows`` of buttons with their places.

    Args:
        messages: as `permabots.pipeline.web_chat.reading` returns them.
    """
    pressed = {tuple(it["press"]) for it in messages if it.get("press")}
    return [
        {
            **it,
            "html": conditional_escape(it["text"]) if "text" in it else _joined([_run(run) for run in it["runs"]]),
            "moment": datetime.fromisoformat(it["at"]),
            "rows": _rows(it, pressed),
        }
        for it in messages
    ]


def start_text(request: HttpRequest) -> str:
    """Return what the button "Start" says: ``/start``, with what ``?start=`` adds."""
    added = request.GET.get("start") or request.POST.get("payload") or ""
    return f"/start {added}" if _START.fullmatch(added) else "/start"


def config(row: WebBot, **values: Json) -> dict[str, Json]:
    """Return what `chat.js` must know of a chat.

    Args:
        row: the chat.
        values: of this page.
    """
    return {"title": row.visible_title(), "start": row.start, "consent": row.consent_text, **values}


def _rows(message: dict[str, Json], pressed: set[tuple[int, ...]]) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "label": it["label"],
                "url": it["url"] if str(it.get("url", "")).lower().startswith(SCHEMES) else "",
                "place": f"{message['number']}.{row}.{column}",
                "pressed": (message["number"], row, column) in pressed,
            }
            for column, it in enumerate(line)
        ]
        for row, line in enumerate(message.get("keyboard", []))
    ]


def _run(run: dict[str, Json]) -> SafeString:
    html = conditional_escape(run["text"])
    for style in reversed(run.get("styles", [])):
        html = format_html(_STYLES[style], html)
    return format_html(_LINK, run["link"], html) if run.get("link") else html


def _joined(parts: Sequence[SafeString]) -> SafeString:
    return format_html("{}" * len(parts), *parts) if parts else SafeString("")
