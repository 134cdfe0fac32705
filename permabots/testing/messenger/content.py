"""The checks of a message by the Send API, and the text that people read.

Limits are those of Facebook's documents as far as they could be read: 2000 characters of text, 640 in a button
template, 3 buttons, 13 quick replies, 10 elements with titles of 80; payloads and metadata of 1000.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from permabots.testing.messenger.errors import parameter, too_long
from permabots.values import Json

TEXT = 2000
BUTTON_TEXT = 640
BUTTONS = 3
LABEL = 20
QUICK_REPLIES = 13
ELEMENTS = 10
TITLE = 80
PAYLOAD = 1000
MEDIA = ("image", "audio", "video", "file")


def check_message(message: Json) -> list[str]:
    """Check a message as the Send API does.

    Returns:
        What is accepted and should not be there, in words: titles that people will not see whole.

    Raises:
        Refusal: it is not accepted.
    """
    if not isinstance(message, dict):
        raise parameter("Param message must be an object")
    text, attachment = message.get("text"), message.get("attachment")
    if not text and not attachment:
        raise parameter("Message cannot be empty, must provide valid attachment or text")
    if text and attachment:
        raise parameter("Message must provide either attachment or text, not both")
    if text:
        _text(text, "message[text]", TEXT)
    if attachment:
        _attachment(attachment)
    if "metadata" in message:
        _text(message["metadata"], "message[metadata]", PAYLOAD)
    _quick_replies(message.get("quick_replies", []))
    return [f"a title of {len(label)} characters is cut to {LABEL}" for label in _labels(message) if len(label) > LABEL]


def shown_text(message: dict[str, Any]) -> str:
    """Return what people read of a message: text, or a template's texts, one a line."""
    if "text" in message:
        return str(message["text"])
    payload = message.get("attachment", {}).get("payload", {})
    if "text" in payload:
        return str(payload["text"])
    lines = [e.get(name) for e in payload.get("elements", []) for name in ("title", "subtitle")]
    return "\n".join(str(line) for line in lines if line)


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the buttons of a message's template, in order."""
    payload = message.get("attachment", {}).get("payload", {})
    return [b for part in (payload, *payload.get("elements", [])) for b in part.get("buttons") or []]


def _labels(message: dict[str, Any]) -> Iterator[str]:
    for entry in (*buttons(message), *message.get("quick_replies", [])):
        if "title" in entry:
            yield str(entry["title"])


def _text(value: Json, name: str, limit: int) -> None:
    if not isinstance(value, str) or not value.strip():
        raise parameter(f"Param {name} must be a non-empty UTF-8 encoded string")
    if len(value) > limit:
        raise too_long(name, limit)


def _web_address(value: Json, name: str) -> None:
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise parameter(f"Param {name} must be a valid URL")


def _list(value: Json, name: str, least: int, most: int) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise parameter(f"Param {name} must be an array of objects")
    if not least <= len(value) <= most:
        raise parameter(f"Param {name} must have between {least} and {most} elements, has {len(value)}")
    return value


def _quick_replies(value: Json) -> None:
    for reply in _list(value, "message[quick_replies]", 0, QUICK_REPLIES):
        if reply.get("content_type") not in ("text", "user_phone_number", "user_email"):
            raise parameter("Param content_type must be one of {TEXT, USER_PHONE_NUMBER, USER_EMAIL}")
        if reply["content_type"] == "text":
            _text(reply.get("title"), "quick_replies[title]", PAYLOAD)
            _text(reply.get("payload"), "quick_replies[payload]", PAYLOAD)


def _attachment(attachment: Json) -> None:
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(attachment, dict) or not isinstance(payload, dict):
        raise parameter("Param message[attachment] must be an object with type and payload")
    if attachment.get("type") == "template":
        _template(payload)
    elif attachment.get("type") not in MEDIA:
        raise parameter("Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}")
    elif "attachment_id" not in payload:
        _web_address(payload.get("url"), "payload[url]")


def _template(payload: dict[str, Any]) -> None:
    match payload.get("template_type"):
        case "button":
            _text(payload.get("text"), "payload[text]", BUTTON_TEXT)
            _buttons(payload.get("buttons"), 1)
        case "generic":
            for element in _list(payload.get("elements"), "payload[elements]", 1, ELEMENTS):
                _element(element)
        case _:
            raise parameter("Param payload[template_type] must be one of {BUTTON, GENERIC}")


def _element(element: dict[str, Any]) -> None:
    _text(element.get("title"), "elements[title]", TITLE)
    if element.get("subtitle") is not None:
        _text(element["subtitle"], "elements[subtitle]", TITLE)
    if element.get("image_url") is not None:
        _web_address(element["image_url"], "elements[image_url]")
    if not any(element.get(name) for name in ("subtitle", "image_url", "default_action", "buttons")):
        raise parameter("An element must have at least one of subtitle, image_url, default_action and buttons")
    _buttons(element.get("buttons") or [], 0)


def _buttons(value: Json, least: int) -> None:
    for button in _list(value, "buttons", least, BUTTONS):
        kind = button.get("type")
        if kind not in ("web_url", "postback", "phone_number"):
            raise parameter("Param buttons[type] must be one of {PHONE_NUMBER, POSTBACK, WEB_URL}")
        _text(button.get("title"), "buttons[title]", PAYLOAD)
        if kind == "web_url":
            _web_address(button.get("url"), "buttons[url]")
        else:
            _text(button.get("payload"), "buttons[payload]", PAYLOAD)
