"""The limits of a provider: for one message, and for messages per second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
