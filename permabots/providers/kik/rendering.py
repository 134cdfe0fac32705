"""Rendering answers to calls of ``/v1/message``: plain text, several messages in a call."""

from __future__ import annotations

from dataclasses import replace

from permabots.providers.base.contract import Limits
from permabots.providers.base.markup import plain
from permabots.providers.base.plain_form import with_buttons
from permabots.providers.base.splitting import shows, split_text
from permabots.values import Address, Answer, Button, DisplayedMessage, Json, Keyboard, Payload, storable

_TEXT = 1000
_BUTTONS = 20
_BATCH = 5

LIMITS = Limits(text=_TEXT, buttons=_BUTTONS)
"""Kik's documentation is gone. The limits of 20 suggested responses, and of 5 messages for one person in a call, are
known from other documents that quote it, such as the Microsoft Bot Framework's. The limit of a text is not known: 1000
characters are a guess."""

MORE = "…"
"""The text of a message that only has the buttons for which the previous message had no room: Kik refuses a message
without a text."""


def render(answer: Answer, address: Address) -> list[Payload]:
    """Return the answer's messages in as few calls as possible.

    The last message has the keyboard; buttons beyond the first 20 are in further messages with the text `MORE`. A
    button's data is its label, also for a link: Kik's responses open no address.

    A person who has never written to the bot gets no message this way: that would need ``/v1/broadcast``.

    Args:
        answer: the answer.
        address: its recipient.
    """
    texts = [part for text in answer.texts for part in split_text(storable(plain(text)), _TEXT, LIMITS.unit)]
    if not texts:
        return []
    boards = [_addressed(board, address) for board in keyboard(answer.keyboard)]
    messages = [_message(text, address) for text in texts + [MORE] * (len(boards) - 1)]
    for message, board in zip(messages[len(texts) - 1 :], boards, strict=False):
        message["keyboards"] = [board]
    return [
        Payload("message", {"messages": messages[start : start + _BATCH]}) for start in range(0, len(messages), _BATCH)
    ]


def keyboard(rows: Keyboard) -> list[dict[str, Json]]:
    """Return rows of buttons as keyboards of suggested responses, split by the limit; none for no buttons."""
    responses = [{"type": "text", "body": _label(button)} for row in rows for button in row]
    return [
        {"type": "suggested", "responses": responses[start : start + _BUTTONS]}
        for start in range(0, len(responses), _BUTTONS)
    ]


def plainest(payload: Payload, refusal: str) -> Payload | None:
    """Return the same messages with their buttons as lines of text; None where they have no buttons."""
    messages = [_plain(message) for message in payload.body["messages"]]
    return (
        None if messages == payload.body["messages"] else replace(payload, body={**payload.body, "messages": messages})
    )


def _plain(message: dict[str, Json]) -> dict[str, Json]:
    buttons = [button for board in message.get("keyboards", ()) for button in _tapped(board)]
    body = with_buttons(message["body"], buttons, _TEXT, LIMITS.unit)
    return {**{name: it for name, it in message.items() if name != "keyboards"}, "body": body}


def readdress(payload: Payload, chat_id: str) -> Payload:
    """Return the same call for another chat."""
    messages = [{**message, "chatId": chat_id} for message in payload.body["messages"]]
    return replace(payload, body={**payload.body, "messages": messages})


def preview(payload: Payload) -> list[DisplayedMessage]:
    """Return the messages of a call; the suggested responses of one are a row."""
    return [
        DisplayedMessage(message["body"], tuple(map(_tapped, message.get("keyboards", ()))))
        for message in payload.body["messages"]
    ]


def _label(button: Button) -> str:
    """Return the text of a suggested response; `MORE` for an invisible label, which Kik refuses."""
    label = storable(button.label)
    return label if shows(label) else MORE


def _tapped(board: dict[str, Json]) -> tuple[Button, ...]:
    return tuple(Button(response["body"], response["body"]) for response in board["responses"])


def _message(body: str, address: Address) -> dict[str, Json]:
    return _addressed({"type": "text", "chatId": address.chat_id, "body": body}, address)


def _addressed(part: dict[str, Json], address: Address) -> dict[str, Json]:
    """Return a message or keyboard with the person it is for, where the person is known."""
    return {**part, "to": address.user_id} if address.user_id else part
