"""Rendering answers to messages of the page: Telegram's markup, and rows of buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from permabots.providers.base.contract import Limits
from permabots.providers.base.splitting import shows, split_markup
from permabots.values import Address, Answer, Button, DisplayedMessage, Json, Keyboard, Payload, storable

LIMITS = Limits(text=4000, buttons=40, label=80)
"""Ours: what a page shows well, and a screen reader reads in one breath."""

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""The schemes of addresses that the page opens."""

MORE = "…"
"""The text of a message that only has the buttons for which the previous message had no room."""


def render(answer: Answer, address: Address) -> list[Payload]:
    """Return a call for each message. The last one has the keyboard; buttons beyond 40 are in further messages.

    Args:
        answer: the answer.
        address: its recipient.
    """
    parts = [part for text in answer.texts for part in split_markup(storable(text), LIMITS.text, LIMITS.unit)]
    if not parts:
        return []
    boards = list(_boards(answer.keyboard))
    bodies: list[dict[str, Json]] = [
        {"chat": address.chat_id, "markup": part, "keyboard": []} for part in parts + [MORE] * (len(boards) - 1)
    ]
    for body, board in zip(bodies[len(parts) - 1 :], boards, strict=False):
        body["keyboard"] = board
    return [Payload("message", body) for body in bodies]


def keyboard(rows: Keyboard) -> list[list[dict[str, Json]]]:
    """Return rows of buttons as a keyboard of the page, without regard to its limit."""
    return [[_button(button) for button in row] for row in rows if row]


def preview(payload: Payload) -> list[DisplayedMessage]:
    """Return the message of a call."""
    rows = tuple(
        tuple(Button(it["label"], it.get("data"), it.get("url")) for it in row) for row in payload.body["keyboard"]
    )
    return [DisplayedMessage(payload.body["markup"], rows, markup=True)]


def readdress(payload: Payload, chat_id: str) -> Payload:
    """Return the same call for another chat."""
    return replace(payload, body={**payload.body, "chat": chat_id})


def _boards(rows: Keyboard) -> Iterator[list[list[dict[str, Json]]]]:
    """Yield keyboards within the limit that together have all buttons in their order."""
    most = LIMITS.buttons or 1
    board: list[list[dict[str, Json]]] = []
    count = 0
    for buttons in keyboard(rows):
        for start in range(0, len(buttons), most):
            row = buttons[start : start + most]
            if count + len(row) > most:
                yield board
                board, count = [], 0
            board.append(row)
            count += len(row)
    if board:
        yield board


def _button(button: Button) -> dict[str, Json]:
    """Return a button as the page keeps it. One whose address the page may not open sends its address as data."""
    written = storable(button.label)
    label = written[: LIMITS.label] if shows(written[: LIMITS.label]) else MORE
    url = storable(button.url) if button.url is not None else None
    if url is not None and _opens(url):
        return {"label": label, "url": url}
    return {"label": label, "data": storable(url or button.data or button.label) or label}


def _opens(url: str) -> bool:
    """Return whether a link of the page may have this address: its scheme is named, and allowed."""
    scheme, colon, _ = url.partition(":")
    return bool(colon) and scheme.lower() in SCHEMES
