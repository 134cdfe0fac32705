"""Answers as calls of ``sendMessage``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from permabots.messages import Address, Answer, Bubble, Button, Json, Keyboard, Payload, storable
from permabots.providers.base import tokens
from permabots.providers.base.contract import Limits
from permabots.providers.base.splitting import split_markup

_ROW = 8
_DATA = 64

LIMITS = Limits(text=4096, unit="utf16", row=_ROW, data=_DATA)
"""The text's and the data's are in the Bot API's documents (``sendMessage``, ``InlineKeyboardButton``); the row's is
python-telegram-bot's ``InlineKeyboardMarkupLimit.BUTTONS_PER_ROW``."""

_LINKS = ("http://", "https://", "tg://")
"""What a button may open. A message with a button for any other address (``mailto:``) is refused as a whole, so such a
button answers with its address instead."""


def render(answer: Answer, address: Address) -> list[Payload]:
    """Return one call for each message: the first quotes, the last has the keyboard.

    An answer without a keyboard takes away the one that an earlier version of the bot may have left in the chat.
    """
    parts = [part for text in answer.texts for part in split_markup(storable(text), LIMITS.text, LIMITS.unit)]
    if not parts:
        return []
    bodies = [_body(part, address) for part in parts]
    if address.reply_to:
        bodies[0]["reply_parameters"] = {"message_id": number(address.reply_to), "allow_sending_without_reply": True}
    markup, kept = reply_markup(answer.keyboard)
    bodies[-1]["reply_markup"] = markup
    payloads = [Payload("sendMessage", body) for body in bodies]
    payloads[-1] = replace(payloads[-1], kept=kept)
    return payloads


def reply_markup(rows: Keyboard) -> tuple[dict[str, Json], dict[str, str]]:
    """Return a keyboard in Telegram's form, and the button data that it was too small for."""
    kept: dict[str, str] = {}
    inline = [[_button(button, kept) for button in piece] for row in rows for piece in _pieces(row)]
    if not inline:
        return {"remove_keyboard": True, "selective": False}, kept
    return {"inline_keyboard": inline}, kept


def readdress(payload: Payload, chat_id: str) -> Payload:
    """Return the same call for another chat. It quotes nothing there: message ids are a chat's own."""
    body = {name: value for name, value in payload.body.items() if name != "reply_parameters"}
    return replace(payload, body={**body, "chat_id": number(chat_id)}) if "chat_id" in body else payload


def shown(payload: Payload) -> list[Bubble]:
    """Return the message that a call sends; none for the answer to a press."""
    if "text" not in payload.body:
        return []
    rows = payload.body.get("reply_markup", {}).get("inline_keyboard", ())
    keyboard = tuple(
        tuple(Button(button["text"], button.get("callback_data"), button.get("url")) for button in row) for row in rows
    )
    return [Bubble(payload.body["text"], keyboard, markup=True)]


def number(identifier: str) -> int | str:
    """Return an id as the Bot API wants it: a number, or the name of a public channel (``@name``) as it stands."""
    return int(identifier) if identifier.removeprefix("-").isdecimal() else identifier


def _body(text: str, address: Address) -> dict[str, Json]:
    return {
        "chat_id": number(address.chat_id),
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _pieces(row: tuple[Button, ...]) -> Iterator[tuple[Button, ...]]:
    return (row[start : start + _ROW] for start in range(0, len(row), _ROW))


def _button(button: Button, kept: dict[str, str]) -> dict[str, Json]:
    label = storable(button.label)
    if button.url is not None and button.url.lower().startswith(_LINKS):
        return {"text": label, "url": storable(button.url)}
    data, long = tokens.shorten(storable(button.url or button.data or button.label), _DATA)
    kept.update(long)
    return {"text": label, "callback_data": data}
