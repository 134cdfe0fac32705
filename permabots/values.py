"""Frozen values that the packages share: incoming events, outgoing messages, identities. Plain Python, no Django."""

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

    PostgreSQL refuses NUL and lone surrogates, and a provider can send both (as ``\\u0000``, ``\\ud83d``): one such
    character would make a provider deliver the same event again and again.

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
    """How an incoming event is handled."""

    TEXT = "text"
    """Written by the person."""
    BUTTON = "button"
    """A button pressed: a callback query, a postback, a quick reply."""
    IGNORED = "ignored"
    """Stored, answered with status 200, and given to no handler."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One HTTP call of a provider, without Django.

    Args:
        body: the raw bytes, which the signature covers.
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
    """A bot's account at a provider: needed to tell which messages of a group are addressed to the bot.

    Args:
        id: the account's id at the provider.
        username: the account's public handle, "" where unknown.
    """

    id: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One incoming event, normalized; the raw event is kept.

    Args:
        external_id: the provider's own id of the event, unique per integration.
        provider_sequence: the provider's own order within a conversation (Telegram: update_id; Kik, Messenger:
            milliseconds).
        kind: how the event is handled.
        text: the text in which the handlers' patterns are searched; None for an ignored event.
        chat_id: the conversation's chat, "" where the event has none.
        user_id: the id of the person who caused it, "" where the provider has no users apart from chats.
        raw: the event as it came, storable JSON.
        sender: the person who caused it, as the provider describes them; None where it does not.
        reply_to: the id of the message that an answer may quote, "" where there is none.
        reason: why an ignored event is ignored, in a few words; else "".
        account: the provider's id of the account that the event is for, where one webhook serves several accounts; ""
            for the webhook's own account.
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
        label: the text on the button.
        data: the data of the event that pressing it sends; None for a link.
        url: the address it opens; None for a button that sends an event.
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
        text: its text.
        keyboard: its buttons; pressing one sends its data, or the token that stands for the data.
        markup: whether the text is Telegram's HTML; else it is plain text.
    """

    text: str
    keyboard: Keyboard = ()
    markup: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a turn, before a provider splits it by its limits.

    Args:
        texts: the text of each message (the template's output, split at backslash-n), trimmed and never empty. In the
            markup of Telegram's HTML: ``& < >`` are written as entities.
        keyboard: rows of buttons; belongs to the last message.
    """

    texts: tuple[str, ...] = ()
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Address:
    """The recipient of an outgoing message.

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
        stored_callback_data: button data too long for the provider, by the token that is sent instead.
        optional: the call is not retried when the provider refuses it (an acknowledgement).
        plain: the call is the plainest form of one whose content the provider refused.
        notes: the differences between the message as sent and as its author wrote it, in words for the author, without
            secrets.
        key: the id of the stored call, the same in each attempt, for a provider that takes a call once by its key; ""
            for a call that is not stored.
    """

    method: str
    body: Mapping[str, Json]
    stored_callback_data: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    plain: bool = False
    notes: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider took a message.

    Args:
        message_id: the provider's id of it, "" where it gives none.
    """

    message_id: str = ""


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """The state of an integration's webhook, as the provider reports it.

    Args:
        url: the address that gets the events, "" where no webhook is set, None where the provider does not report it.
        pending: events that wait at the provider, None where it does not report their number.
        last_error: the provider's last failure to deliver an event, "" for none.
        last_error_at: the time of that failure (aware), None where unknown.
        complete: whether the provider sends every kind of event that permabots reads.
    """

    url: str | None = ""
    pending: int | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    complete: bool = True
