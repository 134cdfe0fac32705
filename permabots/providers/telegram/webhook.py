"""What Telegram posts to us: one update a call, proved by the secret that was given to ``setWebhook``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from permabots.exceptions import IgnoredEvent, WebhookRejected
from permabots.providers.base import signatures
from permabots.providers.base.contract import Credentials
from permabots.providers.base.json_parsing import as_dict, as_int, as_str, fingerprint, from_unix, json_object
from permabots.providers.telegram.users import id_of, person
from permabots.values import Identity, Inbound, Json, Kind, WebhookRequest

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 (the header's name)

OTHER_BOT = "a command for another bot"
"""The reason of an event that names a bot: another one, or this one by a name that is not known yet."""

_Reader: TypeAlias = Callable[[Inbound, dict[str, Json], Identity], Inbound]

_ADDRESSED = re.compile(r"(/[A-Za-z0-9_]{1,64})@([A-Za-z0-9_]+)(?![\w@]|\.\w)")
_CALLED = re.compile(r"@([A-Za-z0-9_]+)(?:\s*[,:;.!?\u2013\u2014-]+\s*|\s+)(?=\S)")
"""A name in front of what is said to it."""


def verify(request: WebhookRequest, credentials: Credentials) -> None:
    """Check the secret header against the present secret, the previous one and the one that is being agreed on.

    Raises:
        WebhookRejected: it is none of them, or no secret is stored to prove anything.
    """
    secrets = [credentials.get(f"{which}webhook_secret", "") for which in ("", "previous_", "next_")]
    if not any(secrets):
        raise WebhookRejected("no webhook secret is stored")
    if not signatures.matches(request.headers.get(SECRET_HEADER, ""), *secrets):
        raise WebhookRejected("the secret token is missing or wrong")


def parse(request: WebhookRequest, identity: Identity) -> list[Inbound]:
    """Read the update of one call.

    Raises:
        MalformedWebhook: the body is not JSON, or not an object.
    """
    raw = json_object(request.body)
    kind, content = _content(raw)
    number = as_int(raw.get("update_id"))
    event = Inbound(
        external_id=fingerprint(request.body) if number is None else str(number),
        provider_sequence=number or 0,
        kind=Kind.IGNORED,
        text=None,
        chat_id=id_of(content.get("chat") or as_dict(content.get("message")).get("chat")),
        user_id=id_of(content.get("from")),
        raw=raw,
        sender=person(content.get("from")),
    )
    try:
        return [_reader(kind, number)(event, content, identity)]
    except IgnoredEvent as reason:
        return [replace(event, reason=str(reason))]


def _content(raw: Mapping[str, Json]) -> tuple[str, dict[str, Json]]:
    """Return the kind of an update and what it holds: beside ``update_id`` it has one entry, named as its kind."""
    return next(((kind, raw[kind]) for kind in (*_READERS, *raw) if isinstance(raw.get(kind), dict)), ("", {}))


def _reader(kind: str, number: int | None) -> _Reader:
    if number is None:
        raise IgnoredEvent("an update without update_id")
    if not kind:
        raise IgnoredEvent("an update without content")
    if kind not in _READERS:
        raise IgnoredEvent(f"an update of the kind {kind[:40]}")
    return _READERS[kind]


def _message(event: Inbound, message: dict[str, Json], identity: Identity) -> Inbound:
    if "migrate_to_chat_id" in message or "migrate_from_chat_id" in message:
        raise IgnoredEvent("the group became a supergroup")
    if not isinstance(message.get("text"), str):
        raise IgnoredEvent("a message without text")
    _check_sender(event, message)
    message_id = as_int(message.get("message_id"))
    if not event.chat_id or message_id is None or from_unix(message.get("date")) is None:
        raise IgnoredEvent("a message without chat, message_id or date")
    return replace(event, kind=Kind.TEXT, text=_addressed_to_us(message, identity), reply_to=str(message_id))


def moved_chat(inbound: Inbound) -> tuple[str, str] | None:
    """Return the old and the new id of a chat, where an update says that it has another one."""
    message, here = as_dict(inbound.raw.get("message")), inbound.chat_id
    to, since = as_int(message.get("migrate_to_chat_id")), as_int(message.get("migrate_from_chat_id"))
    if not here or (to is None and since is None):
        return None
    return (here, str(to)) if to is not None else (str(since), here)


def _press(event: Inbound, query: dict[str, Json], _: Identity) -> Inbound:
    if not as_str(query.get("id")):
        raise IgnoredEvent("a pressed button without id")
    if not isinstance(query.get("data"), str):
        raise IgnoredEvent("a pressed button without data")
    _check_sender(event, query)
    # A button under an inline result has no message, and one under a post of a channel would be answered in public: the
    # answer goes to the person, whose private chat has the same id.
    message = as_dict(query.get("message"))
    private = query.get("message") is None or as_dict(message.get("chat")).get("type") == "channel"
    chat_id = event.user_id if private else event.chat_id
    if not chat_id:
        raise IgnoredEvent("a pressed button without chat")
    quoted = "" if private else _quotable(message)
    return replace(event, kind=Kind.BUTTON, text=query["data"], chat_id=chat_id, reply_to=quoted)


_READERS: dict[str, _Reader] = {"message": _message, "callback_query": _press}


def _check_sender(event: Inbound, content: Mapping[str, Json]) -> None:
    """Let persons through: a bot that answers bots, or its own channel, may never come to an end."""
    if content.get("sender_chat") is not None:
        raise IgnoredEvent("written in the name of a chat")
    if event.sender is None:
        raise IgnoredEvent("written by nobody")
    if as_dict(content.get("from")).get("is_bot") is True:
        raise IgnoredEvent("written by a bot")


def _addressed_to_us(message: Mapping[str, Json], identity: Identity) -> str:
    """Return the text, trimmed; ``/command@name`` loses the name where it is ours, and so does ``@name, text``."""
    trimmed: str = message["text"].strip()
    called = _CALLED.match(trimmed)
    if called and identity.username and called[1].lower() == identity.username.lower():
        return trimmed[called.end() :]
    found = _ADDRESSED.match(trimmed)
    if not (found and identity.username and _is_command(message)):
        return trimmed
    if found[2].lower() != identity.username.lower():
        raise IgnoredEvent(OTHER_BOT)
    return found[1] + trimmed[found.end() :]


def _is_command(message: Mapping[str, Json]) -> bool:
    """Whether Telegram marked a command at the beginning of the text; where it marked nothing at all, it may be one."""
    marks = message.get("entities")
    if not isinstance(marks, list):
        return True
    return any(as_dict(mark).get("type") == "bot_command" and as_dict(mark).get("offset") == 0 for mark in marks)


def _quotable(message: Mapping[str, Json]) -> str:
    """Return the id of the message with the button; "" where it is out of reach, which a date of 0 says."""
    message_id = as_int(message.get("message_id"))
    return "" if message_id is None or message.get("date") == 0 else str(message_id)
