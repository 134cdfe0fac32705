"""What a provider takes: in one message, and in a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes in one message. None means that it sets no limit.

    Args:
        text: the longest text, counted in `unit`, after markup is taken away.
        unit: ``utf16`` code units or ``characters`` (code points).
        row: buttons in one row.
        buttons: buttons in one message.
        label: characters of a button's label.
        data: bytes of UTF-8 of a button's data.
    """

    text: int
    unit: Literal["utf16", "characters"] = "characters"
    row: int | None = None
    buttons: int | None = None
    label: int | None = None
    data: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast one account may send, in messages a second; 0 for as fast as it can.

    Args:
        account: to all chats together, a second's worth at once.
        chat: to this chat.
        chat_burst: messages that this chat may get at once before `chat` counts.
    """

    account: float = 0.0
    chat: float = 0.0
    chat_burst: float = 1.0
