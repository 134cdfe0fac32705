"""The text of a message as Telegram takes it: parsed, trimmed, counted."""

from __future__ import annotations

import re

from permabots.testing.telegram.arguments import Arguments
from permabots.testing.telegram.errors import bad_request
from permabots.testing.telegram.html import HtmlError, parse_html
from permabots.testing.updates import utf16_length
from permabots.values import Json

MAX_TEXT = 4096
"""UTF-16 code units of a message's text, after its markup is parsed."""
MAX_SOURCE = 1 << 15
"""Bytes of the text as it is sent: the Bot API's server (``Client::get_formatted_text``) refuses more."""
MAX_ENTITIES = 9500
"""Bytes of a message's entities. Telegram documents no number (``ENTITIES_TOO_LONG``); authors found this one."""
_ENTITY = 12
"""Bytes of one entity: its constructor, offset and length (TL, ``messageEntityBold``); an address comes to it."""

_UNSEEN = re.compile(
    r"[\s\x00-\x1f\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]*"
)
"""What TDLib's ``strip_empty_characters`` and ``clean_input_string`` drop, or do not count as a text."""


def read_text(arguments: Arguments) -> tuple[str, list[dict[str, Json]]]:
    """Return the text that people will see, and its entities.

    ``parse_mode`` may be HTML or absent; of the Markdown modes the stand-in knows nothing, it refuses them.

    Raises:
        ApiError: as Telegram refuses it.
    """
    text, entities = _parsed(arguments)
    text, entities = _trimmed(text, entities)
    if not shows(text):
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    if _size(entities) > MAX_ENTITIES:
        raise bad_request("ENTITIES_TOO_LONG")
    return text, entities


def _size(entities: list[dict[str, Json]]) -> int:
    """Return the bytes of entities; those of one type that follow each other without a gap are one, as in TDLib."""
    size, ends = 0, set()
    for entity in entities:
        begin, url = int(entity["offset"]), str(entity.get("url", ""))
        if url or (entity["type"], begin) not in ends:
            size += _ENTITY + len(url.encode())
        ends.add((entity["type"], begin + int(entity["length"])))
    return size


def shows(text: str) -> bool:
    """Whether Telegram sees anything in a text."""
    return _UNSEEN.fullmatch(text) is None


def _parsed(arguments: Arguments) -> tuple[str, list[dict[str, Json]]]:
    source = arguments.string("text")
    if len(source.encode()) > MAX_SOURCE:
        raise bad_request("text is too long")
    mode = arguments.string("parse_mode").lower()
    if not mode:
        given = arguments.structure("entities", "can't parse entities JSON object")
        return source, [dict(entity) for entity in given or []]
    if mode != "html":
        raise bad_request("unsupported parse_mode")
    try:
        return parse_html(source)
    except HtmlError as error:
        raise bad_request(f"can't parse entities: {error}") from error


def _trimmed(text: str, entities: list[dict[str, Json]]) -> tuple[str, list[dict[str, Json]]]:
    """Drop the blanks around the text, and what entities lie in them."""
    removed = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    length = utf16_length(text)
    kept = []
    for entity in entities:
        begin = max(0, int(entity["offset"]) - removed)
        end = min(length, int(entity["offset"]) + int(entity["length"]) - removed)
        if begin < end:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return text, kept
