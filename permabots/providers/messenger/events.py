"""Reading one event of a webhook call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from permabots.exceptions import IgnoredEvent
from permabots.providers.base.json_parsing import as_dict, as_str
from permabots.providers.messenger.json_parsing import event_id, identifier, sent_at
from permabots.values import Inbound, Json, Kind

START = "/start"
"""The text of the event that begins a conversation, as on Telegram."""
GET_STARTED = "GET_STARTED"
"""The payload of the *Get Started* button in Facebook's documents."""
_TITLE = "Get Started"

_Reader: TypeAlias = Callable[[Inbound, dict[str, Json]], Inbound]


def ignored(raw: Mapping[str, Json], account: str, reason: str) -> Inbound:
    """Return an event of the kind ``ignored``.

    Args:
        raw: the event.
        account: the id of the page that the event is for, "" where it is unknown.
        reason: why the event is ignored, in a few words.
    """
    kind, content = _content(raw)
    has_mid = kind in {"message", "postback"}  # the mid of a reaction is another message's
    sent = sent_at(raw.get("timestamp"))
    return Inbound(
        external_id=event_id(content.get("mid") if has_mid else None, account, raw),
        provider_sequence=raw["timestamp"] if sent else 0,
        kind=Kind.IGNORED,
        text=None,
        chat_id=_person(raw, content),
        user_id="",
        raw=raw,
        reason=reason,
        account=account,
    )


def read(raw: Mapping[str, Json], account: str) -> Inbound:
    """Return an event, normalized.

    The text is the message's text without the blanks around it, a quick reply's payload or else its title, or a
    postback's payload. For the *Get Started* button it is ``/start``. For a person who came by an m.me link with a
    ``ref`` it is ``/start`` and the ``ref``: with the *Get Started* button, whatever its payload, and with a referral
    event.

    Args:
        raw: the event.
        account: the id of the page that the event is for.
    """
    event = ignored(raw, account, "")
    kind, content = _content(raw)
    try:
        _check(event, content)
        return _reader(kind)(event, content)
    except IgnoredEvent as reason:
        return replace(event, reason=str(reason))


def _content(raw: Mapping[str, Json]) -> tuple[str, dict[str, Json]]:
    """Return an event's kind and content: the one entry besides sender, recipient and timestamp, named by the kind."""
    kinds = (name for name in (*_READERS, *raw) if name not in {"sender", "recipient"})
    return next(((kind, raw[kind]) for kind in kinds if isinstance(raw.get(kind), dict)), ("", {}))


def _person(raw: Mapping[str, Json], content: Mapping[str, Json]) -> str:
    """Return the id of the person in the conversation: the recipient of an echo, else the sender."""
    return identifier(as_dict(raw.get("recipient" if content.get("is_echo") else "sender")).get("id"))


def _check(event: Inbound, content: Mapping[str, Json]) -> None:
    """Refuse events that no person sent: a bot that answered its own page would never end."""
    if content.get("is_echo"):
        raise IgnoredEvent("an echo of what the page wrote")
    if not event.chat_id:
        raise IgnoredEvent("an event without sender")
    if event.chat_id in {event.account, identifier(as_dict(event.raw.get("recipient")).get("id"))}:
        raise IgnoredEvent("written by the page itself")
    if sent_at(event.raw.get("timestamp")) is None:
        raise IgnoredEvent("an event without timestamp")


def _reader(kind: str) -> _Reader:
    if not kind:
        raise IgnoredEvent("an event without content")
    if kind not in _READERS:
        raise IgnoredEvent(f"an event of the kind {kind[:40]}")
    return _READERS[kind]


def _message(event: Inbound, message: dict[str, Json]) -> Inbound:
    written = message.get("text")
    reply = message.get("quick_reply")
    text = written.strip() if isinstance(written, str) else None
    if isinstance(reply, dict):
        text = as_str(reply.get("payload")) or text
    if text is None:
        raise IgnoredEvent("a message without text")
    if isinstance(reply, dict):
        return replace(event, kind=Kind.BUTTON, text=text)
    return replace(event, kind=Kind.TEXT, text=text.strip())


def _postback(event: Inbound, postback: dict[str, Json]) -> Inbound:
    payload = postback.get("payload")
    if payload is None and postback.get("title") == _TITLE:
        payload = GET_STARTED  # only the app that made the button gets its payload, but this bot should answer, too
    if not isinstance(payload, str):
        raise IgnoredEvent("a postback without payload")
    referral = as_dict(postback.get("referral"))
    begins = payload == GET_STARTED or as_str(referral.get("ref"))
    return replace(event, kind=Kind.BUTTON, text=_start(referral) if begins else payload)


def _referral(event: Inbound, referral: dict[str, Json]) -> Inbound:
    if not as_str(referral.get("ref")):
        raise IgnoredEvent("a referral without ref")
    return replace(event, kind=Kind.TEXT, text=_start(referral))


_READERS: dict[str, _Reader] = {"message": _message, "postback": _postback, "referral": _referral}


def _start(referral: Mapping[str, Json]) -> str:
    """Return ``/start`` and the link's ``ref``, as with Telegram's deep links."""
    return f"{START} {as_str(referral.get('ref'))}".rstrip()
