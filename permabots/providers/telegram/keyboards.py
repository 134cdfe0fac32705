"""Rendering rows of buttons to inline keyboards, split by Telegram's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from permabots.providers.base import callback_tokens
from permabots.providers.base.splitting import shows
from permabots.providers.telegram.addresses import opens
from permabots.values import Button, Json, Keyboard, storable

ROW = 8
DATA = 64
BUTTONS = 100
SIZE = 7500
"""The largest JSON of one keyboard, in bytes. Telegram refuses keyboards of about 10 kB ("reply markup is too long")
and documents no limit; it counts an encoding of its own, so this value is well below."""

BLANK = "…"
"""The text in place of an invisible label, which Telegram refuses."""
REMOVED: dict[str, Json] = {"remove_keyboard": True, "selective": False}
"""The ``reply_markup`` that removes the keyboard of an earlier message."""


@dataclass(slots=True)
class InlineKeyboard:
    """The keyboard of one message.

    Args:
        rows: the rows of buttons in Telegram's form.
        stored_callback_data: button data too long for Telegram, by the token that is sent instead.
    """

    rows: list[list[dict[str, Json]]] = field(default_factory=list)
    stored_callback_data: dict[str, str] = field(default_factory=dict)

    @property
    def markup(self) -> dict[str, Json]:
        """The keyboard as ``reply_markup``."""
        return {"inline_keyboard": self.rows}


def inline_keyboards(rows: Keyboard) -> list[InlineKeyboard]:
    """Return keyboards with all buttons in their order, each keyboard within the limits; none for no buttons."""
    split: list[InlineKeyboard] = []
    count = size = 0
    for buttons in _pieces(rows):
        stored_callback_data: dict[str, str] = {}
        piece = [_button(button, stored_callback_data) for button in buttons]
        length = len(json.dumps(piece, ensure_ascii=False).encode())
        if not split or count + len(piece) > BUTTONS or size + length > SIZE:
            split.append(InlineKeyboard())
            count = size = 0
        split[-1].rows.append(piece)
        split[-1].stored_callback_data |= stored_callback_data
        count, size = count + len(piece), size + length
    return split


def keyboard(rows: Keyboard) -> dict[str, Json]:
    """Return all buttons as one ``reply_markup``, without regard to its limits; `REMOVED` for no buttons."""
    keyboard = InlineKeyboard([[_button(button, {}) for button in piece] for piece in _pieces(rows)])
    return keyboard.markup if keyboard.rows else REMOVED


def note(rows: Keyboard) -> str:
    """Say which buttons send their address as data, because Telegram refuses to open it; "" for none."""
    buttons = [button for row in rows for button in row]
    refused = [
        str(place) for place, button in enumerate(buttons, 1) if button.url is not None and not opens(button.url)
    ]
    if not refused:
        return ""
    some = ", ".join(refused[:10]) + (f" and {len(refused) - 10} more" if len(refused) > 10 else "")
    return f"no button of Telegram can open the address of button {some}: pressed, it answers with its address"


def _pieces(rows: Keyboard) -> Iterator[Sequence[Button]]:
    return (row[start : start + ROW] for row in rows for start in range(0, len(row), ROW))


def _button(button: Button, stored_callback_data: dict[str, str]) -> dict[str, Json]:
    written = storable(button.label)
    label = written if shows(written) else BLANK
    if button.url is not None and opens(url := storable(button.url)):
        return {"text": label, "url": url}
    data, long = callback_tokens.shorten(storable(button.url or button.data or button.label) or label, DATA)
    stored_callback_data.update(long)
    return {"text": label, "callback_data": data}
