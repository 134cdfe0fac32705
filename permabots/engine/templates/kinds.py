"""The kinds of templates: how each writes what was put out, every value escaped for the place where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from permabots import markup
from permabots.engine.templates import places
from permabots.engine.templates.addresses import Address
from permabots.engine.templates.json_values import CONTAINERS, MAPPINGS, Unknown, Value
from permabots.engine.templates.places import BARE, QUOTES, Places
from permabots.engine.templates.rendered_text import Author, Escaped, Literal, Safe, Shown, Structure, Variable
from permabots.exceptions import TemplateError

Pieces = list[str]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateKind:
    """One kind of template.

    Args:
        name: what it is called.
        places: where its values can stand.
        write: returns its output, from its pieces in order.
        keeps_values: whether what is no text stands for itself, and not for how it reads.
        begins: whether a value that begins the output stands there as it is.
    """

    name: str
    places: Places
    write: Callable[[Pieces], str]
    keeps_values: bool = False
    begins: bool = False


def _moved(kind: Places, state: int, piece: str) -> places.Move:
    """Return where a piece of literal text leads; a template's own remember it."""
    if not isinstance(piece, Literal):
        return kind.advance(state, piece)
    move: places.Move | None = piece.moves.get(state)
    if move is None:
        move = piece.moves[state] = kind.advance(state, piece)
    return move


# --- texts ------------------------------------------------------------------------------------------------------------


def _between_tags(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_double_quotes(text: str) -> str:
    return _between_tags(text).replace('"', "&quot;")


def _in_single_quotes(text: str) -> str:
    return _between_tags(text).replace("'", "&#39;")


_UNQUOTED = re.compile(r"[\s\"'<>=&`]")


def _without_quotes(text: str) -> str:
    return _UNQUOTED.sub(lambda found: f"&#{ord(found[0])};", text)


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
    """Writes a text. What begins as a tag in one piece and turns out to be none in another is written as text.

    What is inside of it might be a tag by itself then, with other places than those where its values were put: all its
    signs are escaped.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._state = markup.TEXT
        self._open = (0, 0)

    def write(self, pieces: Pieces) -> str:
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
        state, died, started = _moved(places.MARKUP, self._state, piece)
        if died >= 0:
            self._undo(piece, died)
            started += 3 * piece.count("<", 0, died) if started >= 0 else 0  # each has become &lt;
        else:
            self.parts.append(piece)
        if started >= 0:
            self._open = (len(self.parts) - 1, started)
        self._state = state

    def _trusted(self, piece: str) -> None:
        """Write what must end between tags as it began; what does not is a value."""
        state, _, _ = markup.advance(markup.TEXT, piece)
        self.parts.append(str(piece) if state == markup.TEXT else _between_tags(piece))

    def _in_tag(self, piece: str) -> None:
        escape = _IN_MARKUP.get(self._state)
        if escape is None:  # not in an attribute: then it is no tag
            self._undo("", 0)
            self._state = markup.TEXT
            self.parts.append(_between_tags(piece))
            return
        if type(piece) is Escaped and self._state in (markup.DOUBLE, markup.SINGLE):
            self.parts.append(piece)
        else:
            self.parts.append(escape(piece))
        if self._state == markup.EQUALS:
            self._state = markup.UNQUOTED if piece else markup.QUOTED

    def _undo(self, piece: str, end: int) -> None:
        """Make text of the tag that is open, and of the beginning of the piece in which that is found."""
        index, position = self._open
        parts = self.parts
        parts[index] = parts[index][:position] + parts[index][position:].replace("<", "&lt;")
        for number in range(index + 1, len(parts)):
            parts[number] = parts[number].replace("<", "&lt;")
        parts.append(piece[:end].replace("<", "&lt;") + piece[end:])


def _write_text(pieces: list[str]) -> str:
    """Return a text. Most have no value in a tag: these take the short way."""
    parts: list[str] = []
    for piece in pieces:
        if type(piece) is str:
            if "&" in piece or "<" in piece or ">" in piece:
                piece = _between_tags(piece)
        elif isinstance(piece, Literal):
            move = piece.moves.get(markup.TEXT) or _moved(places.MARKUP, markup.TEXT, piece)
            if move[0] != markup.TEXT:
                return _MarkupWriter().write(pieces)
        elif "<" in piece:
            return _MarkupWriter().write(pieces)
        parts.append(piece)
    return "".join(parts)


# --- keyboards --------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("[^A-Za-z0-9 ]")


def _escape_sequence(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def _in_quotes(text: str) -> str:
    return _SPECIAL.sub(_escape_sequence, text)


def _as_literal(value: Value) -> str:
    """Return a value as a literal of Python: a list is a row there, a tuple a button."""
    if isinstance(value, str):
        return f"'{_in_quotes(value)}'"
    if isinstance(value, Unknown):
        return str(value.written_bare())
    if type(value) in MAPPINGS:
        return "{" + ", ".join(f"{_as_literal(key)}: {_as_literal(item)}" for key, item in value.items()) + "}"
    if type(value) is tuple:
        return "(" + "".join(f"{_as_literal(item)}, " for item in value) + ")"
    return f"[{', '.join(map(_as_literal, value))}]" if type(value) is list else str(value)


def _write_keyboard(pieces: Pieces) -> str:
    state = BARE
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Author) and type(piece) is not Variable:
            parts.append(piece)
            state = _moved(places.KEYBOARD, state, piece).state
            continue
        if state not in (*QUOTES, BARE, places.COMMENT):
            raise TemplateError("a value cannot stand directly behind a backslash")
        if state == BARE and type(piece) is Structure:
            parts.append(piece)
        elif state == BARE and type(piece) is Shown:
            parts.append(_bare(piece))
        else:
            parts.append(_in_quotes(piece))
    return "".join(parts)


def _bare(piece: Shown) -> str:
    """Return a value that is no text as it stands outside of quotes."""
    if isinstance(piece.value, Unknown) or type(piece.value) in CONTAINERS:
        return _as_literal(piece.value)
    return str(piece) if type(piece.value) in (int, float) else _in_quotes(piece)


# --- addresses and parameters -----------------------------------------------------------------------------------------


def _write_url(pieces: Pieces) -> str:
    address = Address()
    for piece in pieces:
        if isinstance(piece, Author | Escaped):
            address.literal(piece, is_value=type(piece) is Escaped)
        else:
            address.value(piece, quote(piece, safe="", errors="replace"))
    return address.text()


# --- data -------------------------------------------------------------------------------------------------------------

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,14})?", re.ASCII)
_MAX_DIGITS = 15


def _write_data(pieces: Pieces) -> str:
    state = BARE
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Author) and not (type(piece) is Variable and state != BARE):
            parts.append(piece)
            state = _moved(places.JSON, state, piece).state
            continue
        if state not in (places.DOUBLE, BARE):
            raise TemplateError("a value cannot stand directly behind a backslash")
        parts.append(_whole(piece) if state == BARE else json.dumps(str(piece))[1:-1])
    return "".join(parts)


def _whole(piece: str) -> str:
    """Return a value as JSON: a text that is a number as that number."""
    if type(piece) is Structure:
        return piece
    if type(piece) is Shown:
        return json_text(piece.value)
    digits = sum(character.isdigit() for character in piece[: 2 * _MAX_DIGITS])
    if _JSON_NUMBER.fullmatch(piece) and digits <= _MAX_DIGITS:
        return piece
    return json.dumps(str(piece))


def json_text(value: Value) -> str:
    """Return a value as JSON.

    Raises:
        TemplateError: it has no place in JSON.
    """
    try:
        return json.dumps(value, allow_nan=False, default=str)
    except ValueError:
        raise TemplateError("a number that is infinite, or none, has no place in JSON") from None


TEXT = TemplateKind("text", places.MARKUP, _write_text)
KEYBOARD = TemplateKind("keyboard", places.KEYBOARD, _write_keyboard, keeps_values=True)
URL = TemplateKind("url", places.PLAIN, _write_url, begins=True)
PARAMETER = TemplateKind("parameter", places.PLAIN, "".join)
DATA = TemplateKind("data", places.JSON, _write_data, keeps_values=True)
