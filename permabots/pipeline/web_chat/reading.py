"""What a page shows: the messages of a conversation, without the data of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from permabots.models import Conversation, InboundMessage, OutboundMessage, WebMessage
from permabots.providers.base.markup import Run, parse
from permabots.values import Json

PAGE = 50
STYLES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
}
"""What a tag of the markup is on the page."""
SCHEMES = ("http://", "https://", "mailto:", "tel:")
"""The beginnings of addresses that the page opens."""


def after(visitor: int, number: int) -> list[dict[str, Json]]:
    """Return the messages after a number, the oldest first; at most `PAGE`.

    Args:
        visitor: whose conversation.
        number: the number that the page has seen last; 0 for the beginning.
    """
    return [shown(row) for row in _rows(visitor).filter(number__gt=number).order_by("number")[:PAGE]]


def before(visitor: int, number: int | None) -> list[dict[str, Json]]:
    """Return the messages before a number, the oldest first; at most `PAGE`.

    Args:
        visitor: whose conversation.
        number: the first number that the page has; None for the newest messages.
    """
    rows = _rows(visitor) if number is None else _rows(visitor).filter(number__lt=number)
    return [shown(row) for row in reversed(rows.order_by("-number")[:PAGE])]


def is_pending(bot: UUID, chat_id: str) -> bool:
    """Return whether something in a conversation is unfinished: a message without its answer, an answer not stored.

    Args:
        bot: the bot.
        chat_id: the id of the chat.
    """
    here = Conversation.objects.filter(bot=bot, provider="web", chat_id=chat_id)
    unfinished = (
        table.objects.unfinished().filter(conversation__in=here) for table in (InboundMessage, OutboundMessage)
    )
    return any(rows.exists() for rows in unfinished)


def shown(row: WebMessage) -> dict[str, Json]:
    """Return a message as the page gets it."""
    body = row.body
    common = {"number": row.number, "author": row.author, "at": row.created_at.isoformat(timespec="seconds")}
    if row.author == WebMessage.Author.PERSON:
        return {**common, **body}
    keyboard = [
        [{name: it[name] for name in ("label", "url") if name in it} for it in line] for line in body["keyboard"]
    ]
    return {**common, "runs": [_run(run) for run in parse(body["markup"])], "keyboard": keyboard}


def _rows(visitor: int) -> Any:
    return WebMessage.objects.filter(visitor=visitor)


def _run(run: Run) -> dict[str, Json]:
    """Return a piece of text with its styles, in their order, and the address that it opens."""
    styles = list(dict.fromkeys(STYLES[tag.name] for tag in run.tags if tag.name in STYLES))
    found: dict[str, Json] = {"text": run.text}
    if styles:
        found["styles"] = styles
    if address := _address(run):
        found["link"] = address
    return found


def _address(run: Run) -> str:
    addresses: Sequence[str] = [tag.value or "" for tag in run.tags if tag.name == "a"]
    return next((it for it in addresses if it.lower().startswith(SCHEMES)), "")
