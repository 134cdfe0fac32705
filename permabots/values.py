"""Frozen values that packages pass to each other: what came in, what goes out. Plain Python, no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A value as `json.loads` gives it: dict, list, str, int, float, bool or None."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Json) -> Json:
    """Return the JSON value with every character that a database refuses replaced by U+FFFD.

    PostgreSQL takes neither NUL nor a lone surrogate, and a provider can send both (as ``\\u0000``, ``\\ud83d``):
    without this one such character would turn a webhook into an endless retry.

    Args:
        value: any JSON value; strings inside lists and objects are covered, keys too.

    Returns:
        The same structure; strings without such characters are the same objects.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


class Kind(StrEnum):
    """What an incoming event is to us."""

    TEXT = "text"
    """Written by the person."""
    BUTTON = "button"
    """A button pressed: a callback query, a postback, a quick reply."""
    IGNORED = "ignored"
    """Stored, answered 200, and never handed to a handler."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One HTTP call of a provider, as far as a provider's plain Python may see it.

    Args:
        body: the raw bytes, as they are signed.
        headers: names in lower case.
        query: the query string's last value per name.
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sender:
    """A person or bot account, as its provider describes it.

    Args:
        id: the provider's id of the account, as text.
        username: the public handle, without ``@``; "" where there is none.
        first_name: as given, "" where there is none.
        last_name: as given, "" where there is none.
    """

    id: str
    username: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is at a provider: needed to read what is addressed to it.

    Args:
        id: the account's id at the provider.
        username: its handle, "" where unknown.
    """

    id: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One incoming event, normalized; the raw one is kept.

    Args:
        external_id: the provider's own id of the event, unique per integration.
        provider_sequence: the provider's own order within a conversation (Telegram: update_id; Kik, Messenger:
            milliseconds).
        kind: what it is to us.
        text: what the handlers' patterns are searched in; None for an ignored event.
        chat_id: the conversation's chat, "" where the event has none.
        user_id: who wrote it, "" where the provider has no users apart from chats.
        raw: the event as it came, storable JSON.
        sender: who wrote it, as the provider describes them; None where it does not.
        reply_to: the id of the message that an answer may quote, "" where there is none.
        reason: why an ignored event is ignored, in a few words; else "".
        account: the provider's id of the account that it is for, where one webhook serves several; "" where the
            webhook's own is meant.
    """

    external_id: str
    provider_sequence: int
    kind: Kind
    text: str | None
    chat_id: str
    user_id: str
    raw: Mapping[str, Json]
    sender: Sender | None = None
    reply_to: str = ""
    reason: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a keyboard.

    Args:
        label: what it shows.
        data: what comes back when it is pressed; None for a link.
        url: the address it opens; None for a button that answers.
    """

    label: str
    data: str | None = None
    url: str | None = None


Keyboard: TypeAlias = tuple[tuple[Button, ...], ...]
"""Rows of buttons, as the author wrote them; empty for none."""


@dataclass(frozen=True, slots=True)
class DisplayedMessage:
    """One message as the person in the chat sees it.

    Args:
        text: what it says: in the markup of Telegram's HTML where `markup` says so, else as it stands.
        keyboard: its buttons; pressing one sends its data, or the token that stands for it.
        markup: whether the text has markup.
    """

    text: str
    keyboard: Keyboard = ()
    markup: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bot says, before a provider cuts it to its limits.

    Args:
        texts: one entry for each message the author asked for (split at backslash-n), trimmed, never empty ones.
            In the markup of Telegram's HTML: ``& < >`` are written as entities.
        keyboard: rows of buttons; belongs to the last message.
    """

    texts: tuple[str, ...] = ()
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes.

    Args:
        chat_id: the provider's chat id.
        user_id: the person in that chat, "" where the provider needs none.
        reply_to: the message to quote, "" for none.
        topic: the topic of the chat, "" for none.
    """

    chat_id: str
    user_id: str = ""
    reply_to: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """One call to a provider's API, ready to be stored and sent.

    Args:
        method: the provider's name for the call (``sendMessage``).
        body: its JSON arguments, without credentials.
        stored_callback_data: button data too long for the provider: token sent instead -> data to keep.
        optional: nobody misses it when the provider refuses it (the answer to a button press): never retried.
        plain: it is the plainest form of a call that the provider refused for what it says.
        notes: what the person gets otherwise than its author wrote it, in words for the author, without secrets.
    """

    method: str
    body: Mapping[str, Json]
    stored_callback_data: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    plain: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider took a message.

    Args:
        message_id: the provider's id of it, "" where it gives none.
    """

    message_id: str = ""


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """What a provider says about an integration's webhook.

    Args:
        url: where it sends events, "" for nowhere, None where it sends them but does not say where.
        pending: events waiting there, None where it does not say.
        last_error: its last failure to deliver, "" for none.
        last_error_at: when that was (aware), None where unknown.
        complete: whether it sends every kind of event that is read.
    """

    url: str | None = ""
    pending: int | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    complete: bool = True
