"""What Kik posts to us: messages of several chats in one call, proved by a signature of the whole."""

from __future__ import annotations

import json
from dataclasses import replace

from permabots.exceptions import IgnoredEvent, WebhookRejected
from permabots.providers.base import signatures
from permabots.providers.base.contract import Credentials
from permabots.providers.base.json_parsing import as_int, as_str, fingerprint, json_object
from permabots.providers.kik.context import sent_at
from permabots.values import Identity, Inbound, Json, Kind, Sender, WebhookRequest

SIGNATURE_HEADER = "x-kik-signature"

START = "/start"
"""What handlers see when a person begins, by the button for it or by scanning the bot's code."""

_BEGINNINGS = ("start-chatting", "scan-data")

# A message's id has 36 characters and a chat's 64. What is longer than a row can hold is none of Kik's.
_LONGEST_ID = 200
_LONGEST_NAME = 150


def verify(request: WebhookRequest, credentials: Credentials) -> None:
    """Check the signature: the HMAC-SHA1 of the raw bytes with the API key, in hexadecimal of either case.

    Raises:
        WebhookRejected: it is another one, or no key is stored to prove anything.
    """
    key = credentials.get("api_key", "")
    if not key:
        raise WebhookRejected("no API key is stored")
    if not signatures.signature_matches(request.headers.get(SIGNATURE_HEADER, ""), request.body, key, "sha1"):
        raise WebhookRejected("the signature is missing or wrong")


def parse(request: WebhookRequest, identity: Identity) -> list[Inbound]:
    """Read the messages of one call, oldest first; those of one moment stay in Kik's order.

    Raises:
        MalformedWebhook: the body is not JSON, or not an object.
    """
    raw = json_object(request.body)
    messages = raw.get("messages")
    if not isinstance(messages, list) or not messages:
        return [_unreadable(raw, "a call without messages")]
    return sorted((_event(message) for message in messages), key=lambda event: event.provider_sequence)


def _event(message: Json) -> Inbound:
    if not isinstance(message, dict):
        return _unreadable({"messages": [message]}, "a message that is no object")
    name = _short(message.get("from"), _LONGEST_NAME)
    event = Inbound(
        external_id=_short(message.get("id"), _LONGEST_ID) or _made_up_id(message),
        provider_sequence=as_int(message.get("timestamp")) or 0,
        kind=Kind.IGNORED,
        text=None,
        chat_id=_short(message.get("chatId"), _LONGEST_NAME),
        user_id=name,
        raw=message,
        sender=Sender(name, name) if name else None,
    )
    try:
        return replace(event, kind=Kind.TEXT, text=_text(event, message))
    except IgnoredEvent as reason:
        return replace(event, reason=str(reason))


def _text(event: Inbound, message: dict[str, Json]) -> str:
    """Return what handlers see. Of a response that was tapped Kik says what it showed, as if it had been written."""
    kind = as_str(message.get("type"))
    if kind not in ("text", *_BEGINNINGS):
        raise IgnoredEvent(f"a message of the type {kind[:40]}" if kind else "a message without type")
    words = START if kind in _BEGINNINGS else as_str(message.get("body")).strip()
    if not words:
        raise IgnoredEvent("a text without body")
    if not _short(message.get("id"), _LONGEST_ID):
        raise IgnoredEvent("a message without a usable id")
    if not (event.chat_id and event.user_id and sent_at(message)):
        raise IgnoredEvent("a message without a usable chatId, from or timestamp")
    return words


def _unreadable(raw: dict[str, Json], reason: str) -> Inbound:
    """Return the event for what holds nothing to read."""
    return Inbound(_made_up_id(raw), 0, Kind.IGNORED, None, "", "", raw, reason=reason)


def _made_up_id(raw: Json) -> str:
    """Return an id for what has none of its own: of its content, as a repeat may come in another call."""
    return fingerprint(json.dumps(raw, sort_keys=True).encode())


def _short(value: Json, longest: int) -> str:
    """Return a text that a row can hold, "" for anything else."""
    words = as_str(value)
    return words if len(words) <= longest else ""
