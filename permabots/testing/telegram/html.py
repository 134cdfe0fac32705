"""Telegram's HTML, parsed as strictly as Telegram does, with its error texts.

Rules and texts as in TDLib's ``MessageEntity.cpp`` (the parser of the hosted Bot API): a closed list of tags, end tags
that match, the four named entities and numeric ones, everything else as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from permabots.testing.telegram.tags import TAGS, HtmlError, Scanner
from permabots.testing.updates import utf16_length
from permabots.values import Json

__all__ = ["HtmlError", "parse_html"]

_NESTING = ("blockquote", "pre", "code", "text_link", "custom_emoji", "bold", "italic", "underline", "strikethrough")
_ADDRESS = re.compile(r"[a-z]+:|[^\s/]+\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    argument: str
    offset: int  # UTF-16 units
    piece: int  # index into _Parser.pieces


@dataclass(slots=True)
class _Parser:
    scanner: Scanner
    length: int = 0  # of the text so far, in UTF-16 units
    pieces: list[str] = field(default_factory=list)
    open: list[_Tag] = field(default_factory=list)
    entities: list[dict[str, Json]] = field(default_factory=list)

    def parse(self) -> None:
        scanner = self.scanner
        while scanner.next:
            if scanner.next == "&":
                self._emit(scanner.entity())
            elif scanner.next != "<":
                self._emit(scanner.plain())
            elif scanner.source.startswith("</", scanner.position):
                self._end()
            else:
                name, argument = scanner.start_tag()
                self.open.append(_Tag(name, argument, self.length, len(self.pieces)))
        if self.open:
            raise HtmlError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')

    def _emit(self, text: str) -> None:
        self.pieces.append(text)
        self.length += utf16_length(text)

    def _end(self) -> None:
        begin = self.scanner.position
        if not self.open:
            raise self.scanner.fail("Unexpected end tag", begin)
        name = self.scanner.end_tag()
        tag = self.open.pop()
        if name not in ("", tag.name):
            unmatched = self.scanner.fail("Unmatched end tag", begin)
            raise HtmlError(f'{unmatched}, expected "</{tag.name}>", found "</{name}>"')
        if self.length > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        entity: dict[str, Json] = {"type": TAGS[tag.name], "offset": tag.offset, "length": self.length - tag.offset}
        if tag.name == "tg-emoji":
            if not tag.argument.isdecimal() or not int(tag.argument):
                raise HtmlError("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = tag.argument
        if tag.name == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        if tag.name == "a":
            entity["url"] = tag.argument or "".join(self.pieces[tag.piece :])
            if not _ADDRESS.match(entity["url"]):
                return  # a link to nowhere is shown as plain text
        if tag.name == "code" and tag.argument:
            entity["language"] = tag.argument
        self.entities.append(entity)


def parse_html(source: str) -> tuple[str, list[dict[str, Json]]]:
    """Parse a text with ``parse_mode`` HTML.

    Returns:
        The text without its tags, and its MessageEntity objects: by offset, longer ones first.

    Raises:
        HtmlError: as Telegram would refuse it.
    """
    parser = _Parser(Scanner(source))
    parser.parse()
    text = "".join(parser.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\ufffd" in text and "\ufffd" not in source:
        raise HtmlError(
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate "
            "code units"
        )
    return text, _merged(parser.entities)


def _merged(entities: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Sort, and make ``pre`` around a ``code`` with a language one entity; other languages are dropped."""
    kept: list[dict[str, Json]] = []
    for entity in sorted(entities, key=_order):
        language = entity.pop("language", None)
        around = kept[-1] if kept else {}
        same = (around.get("offset"), around.get("length")) == (entity["offset"], entity["length"])
        if language and same and around.get("type") == "pre":
            around["language"] = language
        else:
            kept.append(entity)
    return kept


def _order(entity: dict[str, Json]) -> tuple[int, int, int]:
    kind = str(entity["type"]).removeprefix("expandable_")
    rank = _NESTING.index(kind) if kind in _NESTING else len(_NESTING)
    return int(entity["offset"]), -int(entity["length"]), rank
