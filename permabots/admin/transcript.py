"""A conversation as people read it: turns with their traces, and what hooks said, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, QuerySet, Value

from permabots.admin.formatting import as_json
from permabots.admin.message_html import RenderedMessage, sent, shown
from permabots.models import Conversation, InboundMessage, OutboundMessage
from permabots.values import DisplayedMessage, Json

PAGE = 50
"""Turns on a page."""

CALL = ("method", "body")
REQUEST = ("method", "url", "status", "data", "error", "ms")
"""The order in which keys are shown: a database may keep the keys of JSON in another one."""

REASONS: Mapping[str, str] = {
    "disabled": "it is disabled",
    "state": "it answers in other states only",
    "pattern": "its pattern is not found in the text",
    "timeout": "its pattern took too long on this text",
    "broken": "its pattern does not compile",
}
"""Reason in a trace why a handler was passed over -> the reason in words."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the provider, as the page shows it.

    Args:
        row: the stored call.
        messages: the messages that the person saw; none where the call has no text.
        payload: the JSON of the call.
    """

    row: OutboundMessage
    messages: list[RenderedMessage]
    payload: str

    @property
    def at(self) -> datetime:
        """When the call was sent; for one that was not, when it was stored."""
        return self.row.sent_at or self.row.created_at


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a transcript.

    Args:
        at: when the message was received or the notification stored.
        calls: the calls of the answer, in order.
        inbound: the incoming message; None for a notification.
        hook: the name of the hook, "" where there is none: the project's code sent the message.
        trace: the trace of the turn, as `Trace` writes it; empty where there is none.
    """

    at: datetime
    calls: tuple[Call, ...]
    inbound: InboundMessage | None = None
    hook: str = ""
    trace: Mapping[str, Json] | None = None

    @property
    def rejected(self) -> list[tuple[str, str]]:
        """The handlers that were passed over, each with the reason."""
        return [
            (str(it.get("name", "")), REASONS.get(str(it.get("reason")), ""))
            for it in _dicts((self.trace or {}), "rejected")
        ]

    @property
    def more_rejected(self) -> int:
        """How many passed over handlers the trace leaves out."""
        total = (self.trace or {}).get("rejected_total", 0)
        return max(0, total - len(self.rejected)) if isinstance(total, int) else 0

    @property
    def request(self) -> Mapping[str, str]:
        """The request and its answer, each value as text."""
        request = (self.trace or {}).get("request")
        parts = in_order(request, REQUEST) if isinstance(request, dict) else {}
        return {key: _text(value) for key, value in parts.items()}

    @property
    def keyboard(self) -> str:
        """The rendered keyboard."""
        keyboard = (self.trace or {}).get("keyboard")
        return as_json(keyboard) if keyboard else ""

    @property
    def steps(self) -> dict[str, Json]:
        """Milliseconds of each step."""
        milliseconds = (self.trace or {}).get("ms")
        return milliseconds if isinstance(milliseconds, dict) else {}


def _dicts(trace: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    parts = trace.get(name)
    return [it for it in parts if isinstance(it, dict)] if isinstance(parts, list) else []


def in_order(found: Mapping[str, Json], names: tuple[str, ...]) -> dict[str, Json]:
    """Return an object with these names first, as far as it has them."""
    return {**{name: found[name] for name in names if name in found}, **found}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else as_json(value)


def call(row: OutboundMessage, slug: str) -> Call:
    """Return a call to a provider as the page shows it."""
    messages = sent(row, slug)
    if not messages and (text := _said(row.payload.get("body"))):
        messages = [shown(DisplayedMessage(text))]
    return Call(row, messages, as_json(in_order(row.payload, CALL)))


def _said(body: Json) -> str:
    """Return the text in a call's arguments, whatever its provider calls it; "" where there is none."""
    if isinstance(body, dict):
        own = next((body[key] for key in ("text", "body") if isinstance(body.get(key), str)), "")
        return own or next(filter(None, map(_said, body.values())), "")
    return next(filter(None, map(_said, body)), "") if isinstance(body, list) else ""


def turn(row: InboundMessage, calls: list[OutboundMessage]) -> Turn:
    """Return a message with the calls of its answer."""
    trace = row.trace if isinstance(row.trace, dict) else {}
    return Turn(row.received_at, tuple(call(it, row.provider) for it in calls), inbound=row, trace=trace)


def page_of(conversation: Conversation, number: Any) -> tuple[Page[Any], list[Turn]]:
    """Return one page of a conversation, in a fixed number of queries.

    Args:
        conversation: the conversation.
        number: of the page, from 1 for the newest; the nearest page where there is none of that number.

    Returns:
        The page, and its turns from the oldest to the newest.
    """
    page = Paginator(_entries(conversation), PAGE).get_page(number)
    entries = list(page.object_list)
    inbound = _replies([pk for kind, pk, _ in entries if kind == "in"])
    notices = _notices(conversation, [pk for kind, pk, _ in entries if kind == "notice"])
    turns_by_id = {"in": inbound, "notice": notices}
    turns = (turns_by_id[kind].get(pk) for kind, pk, _ in reversed(entries))
    return page, [it for it in turns if it is not None]


def _entries(conversation: Conversation) -> QuerySet[Any, Any]:
    """Return (kind, id, time) of all messages and notifications of a conversation, the newest first."""
    came = InboundMessage.objects.filter(conversation=conversation).order_by()
    said = OutboundMessage.objects.filter(conversation=conversation, part=0, inbound=None).order_by()
    kinds = {kind: Value(kind, output_field=CharField()) for kind in ("in", "notice")}
    return (
        came.annotate(entry=kinds["in"])
        .values_list("entry", "pk", "received_at")
        .union(said.annotate(entry=kinds["notice"]).values_list("entry", "notification", "created_at"), all=True)
        .order_by("-received_at", "-id")
    )


def _replies(keys: list[int]) -> dict[int, Turn]:
    rows = InboundMessage.objects.filter(pk__in=keys).defer("raw", "sender")
    calls: dict[int, list[OutboundMessage]] = {}
    for row in OutboundMessage.objects.filter(inbound__in=keys).order_by("part"):
        calls.setdefault(row.inbound_id or 0, []).append(row)
    return {row.pk: turn(row, calls.get(row.pk, [])) for row in rows}


def _notices(conversation: Conversation, keys: list[int]) -> dict[int, Turn]:
    rows = OutboundMessage.objects.filter(conversation=conversation, notification__in=keys).order_by("part")
    calls: dict[int, list[OutboundMessage]] = {}
    for row in rows.select_related("notification__hook"):
        calls.setdefault(row.notification_id or 0, []).append(row)
    return {key: _notice(group, conversation.provider) for key, group in calls.items()}


def _notice(group: list[OutboundMessage], slug: str) -> Turn:
    notification = group[0].notification
    hook = notification.hook if notification else None
    trace = notification.trace if notification and isinstance(notification.trace, dict) else {}
    return Turn(group[0].created_at, tuple(call(it, slug) for it in group), hook=str(hook or ""), trace=trace)
