"""Rendering answers to calls of ``sendMessage``."""

from __future__ import annotations

from dataclasses import replace

from permabots.providers.base.contract import Limits
from permabots.providers.base.markup import parse, plain, visible
from permabots.providers.base.plain_form import with_buttons
from permabots.providers.base.splitting import length
from permabots.providers.telegram import keyboards, texts
from permabots.values import Address, Answer, Button, DisplayedMessage, Json, Payload, storable

LIMITS = Limits(text=texts.TEXT, unit="utf16", row=keyboards.ROW, buttons=keyboards.BUTTONS, data=keyboards.DATA)
"""The limits of texts and data are in the Bot API's documents (``sendMessage``, ``InlineKeyboardButton``); those of
rows and buttons are python-telegram-bot's ``InlineKeyboardMarkupLimit``."""

MORE = "…"
"""The text of a message that only has the buttons for which the previous message had no room: Telegram refuses a
message without a text."""


def render(answer: Answer, address: Address) -> list[Payload]:
    """Return one call for each message: the first quotes, the last has the keyboard.

    Buttons beyond the limits of one keyboard are in further messages with the text `MORE`. An answer to a person
    without a keyboard removes the keyboard that an earlier version of the bot may have left in the chat. A notification
    does not, since Telegram refuses that in channels.

    Args:
        answer: the answer.
        address: its recipient.
    """
    parts = [part for text in answer.texts for part in texts.parts(storable(text))]
    if not parts:
        return []
    inline_keyboards = keyboards.inline_keyboards(answer.keyboard)
    bodies = [_body(part, address) for part in parts + [MORE] * (len(inline_keyboards) - 1)]
    if address.reply_to:
        bodies[0]["reply_parameters"] = {"message_id": number(address.reply_to), "allow_sending_without_reply": True}
    if not inline_keyboards and address.user_id:
        bodies[-1]["reply_markup"] = keyboards.REMOVED
    payloads = [Payload("sendMessage", body) for body in bodies]
    for place, keyboard in enumerate(inline_keyboards, len(parts) - 1):
        bodies[place]["reply_markup"] = keyboard.markup
        payloads[place] = replace(payloads[place], stored_callback_data=keyboard.stored_callback_data)
    if note := keyboards.note(answer.keyboard):
        payloads[-1] = replace(payloads[-1], notes=(note,))
    return payloads


def plainest(payload: Payload, refusal: str) -> Payload | None:
    """Return the same message as plain text, with its buttons as lines of it; None for a call that sends no message."""
    if "text" not in payload.body:
        return None
    text = plain(payload.body["text"])
    if length(text, LIMITS.unit) > LIMITS.text:
        text = visible(parse(payload.body["text"]))
    (message,) = preview(payload)
    buttons = [button for row in message.keyboard for button in row]
    kept = {name: it for name, it in payload.body.items() if name not in ("parse_mode", "reply_markup")}
    return replace(payload, body={**kept, "text": with_buttons(text, buttons, LIMITS.text, LIMITS.unit)})


def without_topic(payload: Payload, refusal: str) -> Payload | None:
    """Return the same message for *General*, where Telegram says that the topic is deleted or closed; else None."""
    about_topic = "thread not found" in refusal.lower() or "TOPIC_" in refusal
    if not about_topic or "message_thread_id" not in payload.body:
        return None
    return replace(payload, body={name: it for name, it in payload.body.items() if name != "message_thread_id"})


def readdress(payload: Payload, chat_id: str) -> Payload:
    """Return the same call for another chat, without a quote: the id of a message is valid in one chat only.

    The topic stays: a group has topics only as a supergroup, so the topic is one of the supergroup.
    """
    body = {name: value for name, value in payload.body.items() if name != "reply_parameters"}
    return replace(payload, body={**body, "chat_id": number(chat_id)}) if "chat_id" in body else payload


def preview(payload: Payload) -> list[DisplayedMessage]:
    """Return the message that a call sends; none for an acknowledgement."""
    if "text" not in payload.body:
        return []
    rows = payload.body.get("reply_markup", {}).get("inline_keyboard", ())
    keyboard = tuple(
        tuple(Button(button["text"], button.get("callback_data"), button.get("url")) for button in row) for row in rows
    )
    return [DisplayedMessage(payload.body["text"], keyboard, markup=not payload.plain)]


def number(identifier: str) -> int | str:
    """Return an id in the Bot API's form: a number, or the name of a public channel (``@name``) as it is."""
    return int(identifier) if identifier.removeprefix("-").isdecimal() else identifier


def _body(text: str, address: Address) -> dict[str, Json]:
    topic = {"message_thread_id": number(address.topic)} if address.topic else {}
    return {
        "chat_id": number(address.chat_id),
        **topic,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
