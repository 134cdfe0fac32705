"""The facts of a provider: its names, its tables, and its limits for one message, one call and one second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one message; None for no limit.

    Args:
        text: the longest text, counted in `unit`, without markup.
        unit: ``utf16`` code units or ``characters`` (code points).
        row: the most buttons in one row.
        buttons: the most buttons in one message.
        label: the longest label of a button, in characters.
        data: the longest data of a button, in bytes of UTF-8.
    """

    text: int
    unit: Literal["utf16", "characters"] = "characters"
    row: int | None = None
    buttons: int | None = None
    label: int | None = None
    data: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast one account may send, in messages per second; 0 for no limit.

    Args:
        account: the rate for all chats together; the messages of one second may be sent at once.
        chat: the rate for this chat.
        chat_burst: the number of messages that this chat may get at once, before `chat` limits them.
    """

    account: float = 0.0
    chat: float = 0.0
    chat_burst: float = 1.0


SHARED_OPTIONS = ("allowed_networks",)
"""Options that every provider has, beside its own in `Facts.default_options`; none is set by default."""


class Facts:
    """The facts that a provider's class states."""

    # Subclasses must set

    slug: ClassVar[str]
    """The provider's name in URLs, settings and rows: a Python identifier in lower case."""
    name: ClassVar[str]
    """The name shown to people."""
    model: ClassVar[str]
    """``app_label.Model`` of the accounts' table."""
    credential_fields: ClassVar[tuple[str, ...]]
    """The columns of that table that `client` reads."""
    verify_fields: ClassVar[tuple[str, ...]]
    """The columns of that table that `verify` and `handshake` read; the webhook stores only these in the cache."""
    limits: ClassVar[Limits]
    """The limits of one message."""
    has_users: ClassVar[bool]
    """Whether several people may be in one chat, each with a state of their own."""
    recipient_fields: ClassVar[tuple[str, ...]]
    """The columns that address a hook's recipient: ``chat_id``, and perhaps ``user_id``."""
    integer_ids: ClassVar[bool]
    """Whether ids of chats and users are numbers in the provider's API (they are text in rows)."""
    default_options: ClassVar[Mapping[str, str]]
    """The options that the provider reads, with their defaults; ``api_url`` at least, where it has an API."""

    # Subclasses may set

    user_field: ClassVar[str] = "user_id"
    """The REST API's name for a recipient's ``user_id``."""
    has_webhook: ClassVar[bool] = True
    """Whether the provider is a server elsewhere, which calls a webhook and is called by an API. Else its messages are
    in this project's database."""
    can_poll: ClassVar[bool] = False
    """Whether `Client.poll` works."""
    has_topics: ClassVar[bool] = False
    """Whether chats may have topics, each with a state of its own where the bot separates topics."""
    events_per_call: ClassVar[int] = 1
    """The number of events that the provider documents for one webhook call, at most: so many are always taken."""
    null_url: ClassVar[str | None] = None
    """The URL that stands for no webhook, where the provider requires one."""
