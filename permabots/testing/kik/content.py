"""What ``POST /v1/message`` checks, and what people read.

25 messages a call and 5 for one person are what Kik's libraries and users tell of its documents, 20 suggested responses
what other bot platforms do; 1000 characters of text are not confirmed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from permabots.testing.kik.errors import bad_request
from permabots.values import Json

CALL = 25
PERSON = 5
TEXT = 1000
RESPONSES = 20
REQUIRED = {
    "text": "body",
    "link": "url",
    "picture": "picUrl",
    "video": "videoUrl",
    "is-typing": "isTyping",
    "read-receipt": "messageIds",
}
"""Types that a bot can send, with the field that each needs."""
SILENT = ("is-typing", "read-receipt")
"""Types that show no message."""


def check_messages(messages: Json) -> list[dict[str, Any]]:
    """Check the messages of a call and return them.

    Raises:
        Refusal: one of them is not accepted, and so none is.
    """
    if not isinstance(messages, list) or not messages or not all(isinstance(entry, dict) for entry in messages):
        raise bad_request("messages must be a list of at least one object")
    if len(messages) > CALL:
        raise bad_request(f"no more than {CALL} messages may be sent in one call")
    for message in messages:
        _check(message)
    person, count = Counter(message["to"] for message in messages).most_common(1)[0]
    if count > PERSON:
        raise bad_request(f"no more than {PERSON} messages may be sent to one user in one call, {person} has {count}")
    return messages


def shown_text(message: dict[str, Any]) -> str:
    """Return what people read of a message, for a picture or link its address."""
    return str(message.get(REQUIRED[message["type"]], ""))


def responses(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the suggested responses of a message, in order."""
    return [response for keyboard in message.get("keyboards", []) for response in keyboard["responses"]]


def _check(message: dict[str, Any]) -> None:
    required = REQUIRED.get(str(message.get("type")))
    if required is None:
        raise bad_request(f"type must be one of {', '.join(REQUIRED)}")
    if not isinstance(message.get("to"), str) or not message["to"]:
        raise bad_request("to must be a username")
    if not isinstance(message.get("chatId", ""), str):
        raise bad_request("chatId must be a string")
    _check_content(message, required)
    for name in ("typeTime", "delay"):
        value = message.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise bad_request(f"{name} must be a number of milliseconds")
    keyboards = message.get("keyboards", [])
    if not isinstance(keyboards, list):
        raise bad_request("keyboards must be a list")
    for keyboard in keyboards:
        _check_keyboard(keyboard)


def _check_content(message: dict[str, Any], required: str) -> None:
    value = message.get(required)
    kind = {"isTyping": bool, "messageIds": list}.get(required, str)
    if not isinstance(value, kind) or (value == "" or value == []):
        raise bad_request(f"a message of type {message['type']} needs {required}")
    if required == "body" and len(message["body"]) > TEXT:
        raise bad_request(f"body must be no longer than {TEXT} characters")


def _check_keyboard(keyboard: Json) -> None:
    if not isinstance(keyboard, dict) or keyboard.get("type") != "suggested":
        raise bad_request("a keyboard must be of type suggested")
    listed = keyboard.get("responses")
    if not isinstance(listed, list) or not 1 <= len(listed) <= RESPONSES:
        raise bad_request(f"a keyboard must have between 1 and {RESPONSES} responses")
    for response in listed:
        kind = response.get("type") if isinstance(response, dict) else None
        if kind not in ("text", "picture", "friend-picker"):
            raise bad_request("a response must be of type text, picture or friend-picker")
        name = {"text": "body", "picture": "picUrl"}.get(kind)
        if name and (not isinstance(response.get(name), str) or not response[name]):
            raise bad_request(f"a response of type {kind} needs {name}")
