"""Writing the text of an answer, with each value escaped for its place in the markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from permabots import markup
from permabots.engine.templates import places
from permabots.engine.templates.places import moved
from permabots.engine.templates.rendered_text import Author, Escaped, Literal, Safe


def _between_tags(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_tag(text: str) -> str:
    """Return a value escaped for an attribute; its backslashes too, since ``\\n`` would begin a new message."""
    return _between_tags(text).replace("\\", "&#92;")


def _in_double_quotes(text: str) -> str:
    return _in_tag(text).replace('"', "&quot;")


def _in_single_quotes(text: str) -> str:
    return _in_tag(text).replace("'", "&#39;")


_UNQUOTED = re.compile(r"[\s\"'<>=&`\\]")


def _without_quotes(text: str) -> str:
    return _UNQUOTED.sub(lambda sign: f"&#{ord(sign[0])};", text)


def _behind_equals(text: str) -> str:
    return _without_quotes(text) or '""'


_IN_MARKUP: Mapping[int, Callable[[str], str]] = {
    markup.TEXT: _between_tags,
    markup.DOUBLE: _in_double_quotes,
    markup.SINGLE: _in_single_quotes,
    markup.UNQUOTED: _without_quotes,
    markup.EQUALS: _behind_equals,
}


class _MarkupWriter:
    """Writes a text piece by piece. A tag that begins in one piece and proves to be none in a later one becomes text.

    That text might hold a tag of its own, in which the values would be in other places than the ones they were escaped
    for. So every ``<`` in it is escaped.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._state = markup.TEXT
        self._open = (0, 0)

    def write(self, pieces: list[str]) -> str:
        parts = self.parts
        for piece in pieces:
            if isinstance(piece, Author):
                self._literal(piece)
            elif self._state == markup.TEXT and type(piece) in (Safe, Escaped):
                self._trusted(piece)
            elif self._state == markup.TEXT:
                parts.append(_between_tags(piece))
            else:
                self._in_tag(piece)
        if self._state != markup.TEXT:
            self._undo("", 0)
        return "".join(parts)

    def _literal(self, piece: str) -> None:
        state, failed_at, started = moved(places.MARKUP, self._state, piece)
        if failed_at >= 0:
            self._undo(piece, failed_at)
            started += 3 * piece.count("<", 0, failed_at) if started >= 0 else 0  # each < before it has become &lt;
        else:
            self.parts.append(piece)
        if started >= 0:
            self._open = (len(self.parts) - 1, started)
        self._state = state

    def _trusted(self, piece: str) -> None:
        """Write a safe or escaped text between tags; it is escaped like a value if it leaves a tag open."""
        state, _, _ = markup.advance(markup.TEXT, piece)
        self.parts.append(str(piece) if state == markup.TEXT else _between_tags(piece))

    def _in_tag(self, piece: str) -> None:
        escape = _IN_MARKUP.get(self._state)
        if escape is None:  # a value inside of a tag but not in an attribute: the tag is none
            self._undo("", 0)
            self._state = markup.TEXT
            self.parts.append(_between_tags(piece))
            return
        if type(piece) is Escaped and self._state in (markup.DOUBLE, markup.SINGLE):
            self.parts.append(piece.replace("\\", "&#92;"))
        else:
            self.parts.append(escape(piece))
        if self._state == markup.EQUALS:
            self._state = markup.UNQUOTED if piece else markup.QUOTED

    def _undo(self, piece: str, end: int) -> None:
        """Turn the open tag into text, and the piece in which it proves to be none up to `end`."""
        index, position = self._open
        parts = self.parts
        parts[index] = parts[index][:position] + parts[index][position:].replace("<", "&lt;")
        for number in range(index + 1, len(parts)):
            parts[number] = parts[number].replace("<", "&lt;")
        parts.append(piece[:end].replace("<", "&lt;") + piece[end:])


def write_text(pieces: list[str]) -> str:
    """Return the text of an answer from its pieces; most texts have no value in a tag and take the fast path."""
    parts: list[str] = []
    for piece in pieces:
        if type(piece) is str:
            if "&" in piece or "<" in piece or ">" in piece:
                piece = _between_tags(piece)
        elif isinstance(piece, Literal):
            if not piece.stays:
                piece.stays = moved(places.MARKUP, markup.TEXT, piece).state == markup.TEXT
                if not piece.stays:
                    return _MarkupWriter().write(pieces)
        elif "<" in piece:
            return _MarkupWriter().write(pieces)
        parts.append(piece)
    return "".join(parts)
