"""Rendering answers to calls of the Send API: texts, and templates with buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import regex

from permabots.providers.base import callback_tokens
from permabots.providers.base.contract import Limits
from permabots.providers.base.markup import plain
from permabots.providers.base.plain_form import with_buttons
from permabots.providers.base.splitting import cuts, length, split_text
from permabots.values import Address, Answer, Button, DisplayedMessage, Json, Keyboard, Payload, storable

_CARD = 3
_CARDS = 10
_LABEL = 20
_DATA = 1000

LIMITS = Limits(text=2000, unit="utf16", row=_CARD, buttons=_CARD * _CARDS, label=_LABEL, data=_DATA)
"""The documents require a text shorter than 2000 characters; the API refuses texts that are not "less than or equal to
2000". Neither defines a character, so UTF-16 code units are counted, the safe choice. A row is a card of the generic
template, and a message has 10 cards."""

_BUTTON_TEXT = 640
"""The longest text of a button template."""
_TITLE = 80
"""The longest title of a card."""

_BLANK = "…"
"""The text in place of a blank label or payload, which Facebook refuses."""

_GRAPHEME = regex.compile(r"\X")


def render(answer: Answer, address: Address) -> list[Payload]:
    """Return one call for each message, as plain text.

    The rows of the buttons do not matter. Up to 3 buttons make a button template, if the last text has at most 640
    characters: the template shows the text above them. Otherwise buttons make cards of 3, with 10 cards in a message,
    and as many messages as needed. All cards have the same title: the last text; for one longer than 80 characters,
    its last line, or the end of that line. The rest of the text is a message of its own. Quick replies are not used,
    since they disappear with the next message.

    Args:
        answer: the answer.
        address: its recipient.
    """
    parts = [part for text in answer.texts for part in split_text(storable(plain(text)), LIMITS.text, LIMITS.unit)]
    buttons = [button for row in answer.keyboard for button in row]
    if not (parts and buttons):
        return [_text(part, address) for part in parts]
    *texts, last = parts
    if len(buttons) <= _CARD and length(last, LIMITS.unit) <= _BUTTON_TEXT:
        return [*(_text(part, address) for part in texts), _button_template(last, buttons, address)]
    start = _title_start(last)
    if before := last[:start].rstrip():
        texts.append(before)
    size = _CARD * _CARDS
    pages = [buttons[first : first + size] for first in range(0, len(buttons), size)]
    return [
        *(_text(part, address) for part in texts),
        *(_cards(last[start:].rstrip(), page, address) for page in pages),
    ]


def keyboard(rows: Keyboard) -> list[dict[str, Json]]:
    """Return rows of buttons in Facebook's form: one list; both templates have up to 3 buttons of it."""
    return [_button(button, {}) for row in rows for button in row]


def plainest(payload: Payload, refusal: str) -> Payload | None:
    """Return the same message as a text, with its buttons as lines of it; None where it is a text already."""
    if "text" in payload.body["message"]:
        return None
    cards = preview(payload)
    buttons = [button for card in cards for row in card.keyboard for button in row]
    text = with_buttons(cards[0].text, buttons, LIMITS.text, LIMITS.unit)
    return replace(payload, body={**payload.body, "message": {"text": text}})


def readdress(payload: Payload, chat_id: str) -> Payload:
    """Return the same call for another person."""
    return replace(payload, body={**payload.body, "recipient": {"id": chat_id}})


def preview(payload: Payload) -> list[DisplayedMessage]:
    """Return the text, or the cards, of a call; each button of a card is a row."""
    message = payload.body["message"]
    if "text" in message:
        return [DisplayedMessage(message["text"])]
    template = message["attachment"]["payload"]
    cards = template.get("elements", [template])
    return [DisplayedMessage(card.get("title", card.get("text")), tuple(map(_row, card["buttons"]))) for card in cards]


def _row(button: dict[str, Json]) -> tuple[Button]:
    return (Button(button["title"], button.get("payload"), button.get("url")),)


def _title_start(text: str) -> int:
    """Return the position in a text at which the title of its cards begins: the start, or in the last line."""
    text = text.rstrip()
    if length(text, LIMITS.unit) <= _TITLE:
        return 0
    line = text.rfind("\n") + 1
    return line + cuts(text[line:], _TITLE, LIMITS.unit)[-1][0]


def _text(text: str, address: Address) -> Payload:
    return _payload({"text": text}, {}, address)


def _button_template(text: str, buttons: Sequence[Button], address: Address) -> Payload:
    stored: dict[str, str] = {}
    template = {"template_type": "button", "text": text, "buttons": [_button(button, stored) for button in buttons]}
    return _payload({"attachment": {"type": "template", "payload": template}}, stored, address)


def _cards(title: str, buttons: Sequence[Button], address: Address) -> Payload:
    stored: dict[str, str] = {}
    cards = [buttons[first : first + _CARD] for first in range(0, len(buttons), _CARD)]
    elements = [{"title": title, "buttons": [_button(button, stored) for button in card]} for card in cards]
    template = {"template_type": "generic", "elements": elements}
    return _payload({"attachment": {"type": "template", "payload": template}}, stored, address)


def _payload(message: Mapping[str, Json], stored: Mapping[str, str], address: Address) -> Payload:
    # RESPONSE and UPDATE are both allowed only within 24 hours after the person's last message.
    body = {"recipient": {"id": address.chat_id}, "messaging_type": "RESPONSE", "message": message}
    return Payload("messages", body, stored)


def _button(button: Button, stored: dict[str, str]) -> dict[str, Json]:
    target = storable(button.url or button.data or button.label)
    title = _label(storable(button.label).strip() or target.strip() or _BLANK)
    if button.url is not None and _opens(target):
        return {"type": "web_url", "title": title, "url": target}
    payload, long = callback_tokens.shorten(target if target.strip() else title, _DATA)
    stored.update(long)
    return {"type": "postback", "title": title, "payload": payload}


def _opens(target: str) -> bool:
    """Whether a button may open an address: http or https.

    Facebook refuses a whole message with a button for another address (``mailto:``), so such an address becomes the
    button's data instead.
    """
    try:
        address = urlsplit(target)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname)


def _label(label: str) -> str:
    """Return a label within the limit, cut between two graphemes."""
    end = 0
    for grapheme in _GRAPHEME.finditer(label):
        if length(label[: grapheme.end()], LIMITS.unit) > _LABEL:
            break
        end = grapheme.end()
    return label[: end or _LABEL // 2]
