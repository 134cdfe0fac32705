"""The text of a message as Telegram takes it: parsed, trimmed, counted."""

from __future__ import annotations

from permabots.messages import Json
from permabots.testing.telegram.arguments import Arguments
from permabots.testing.telegram.errors import bad_request
from permabots.testing.telegram.html import HtmlError, parse_html
from permabots.testing.updates import utf16_length

MAX_TEXT = 4096
"""UTF-16 code units of a message's text, after its markup is parsed."""


def read_text(arguments: Arguments) -> tuple[str, list[dict[str, Json]]]:
    """Return the text that people will see, and its entities.

    ``parse_mode`` may be HTML or absent; of the Markdown modes the stand-in knows nothing, it refuses them.

    Raises:
        ApiError: as Telegram refuses it.
    """
    text, entities = _parsed(arguments)
    text, entities = _trimmed(text, entities)
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def _parsed(arguments: Arguments) -> tuple[str, list[dict[str, Json]]]:
    source = arguments.string("text")
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
