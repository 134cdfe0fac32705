"""The kinds of templates: how each joins the pieces of its output, with every value escaped for its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from permabots.engine.templates import places
from permabots.engine.templates.addresses import Address
from permabots.engine.templates.json_values import CONTAINERS, MAPPINGS
from permabots.engine.templates.places import OUTSIDE_QUOTES, QUOTES, Places, moved
from permabots.engine.templates.rendered_text import Author, Escaped, Structure, ValueText, Variable
from permabots.engine.templates.text_writer import write_text
from permabots.engine.templates.value_kinds import Unknown, Value
from permabots.exceptions import TemplateError

Pieces = list[str]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateKind:
    """One kind of template.

    Args:
        name: its name.
        places: the places where its values can stand.
        write: returns the output of a template, from its pieces in order.
        keeps_values: whether a value that is no text is written as that value, and not as its text.
        begins: whether a value at the beginning of the output is not escaped.
        structure: signs that make a text of several pieces, outside of quotes, more than one text; None where such
            texts are always written piece by piece.
    """

    name: str
    places: Places
    write: Callable[[Pieces], str]
    keeps_values: bool = False
    begins: bool = False
    structure: re.Pattern[str] | None = None


# --- keyboards --------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("[^A-Za-z0-9 ]")


def _escape_sequence(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def in_keyboard_quotes(text: str) -> str:
    """Return a text escaped for the inside of quotes in a keyboard."""
    return _SPECIAL.sub(_escape_sequence, text)


def _as_literal(value: Value) -> str:
    """Return a value as a literal of Python: a list is a row there, a tuple a button."""
    if isinstance(value, str):
        return f"'{in_keyboard_quotes(value)}'"
    if isinstance(value, Unknown):
        return str(value.write_unquoted())
    if type(value) in MAPPINGS:
        return "{" + ", ".join(f"{_as_literal(key)}: {_as_literal(item)}" for key, item in value.items()) + "}"
    if type(value) is tuple:
        return "(" + "".join(f"{_as_literal(item)}, " for item in value) + ")"
    return f"[{', '.join(map(_as_literal, value))}]" if type(value) is list else str(value)


def _write_keyboard(pieces: Pieces) -> str:
    state = OUTSIDE_QUOTES
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Author) and type(piece) is not Variable:
            parts.append(piece)
            state = moved(places.KEYBOARD, state, piece).state
            continue
        if state not in (*QUOTES, OUTSIDE_QUOTES, places.COMMENT):
            raise TemplateError("a value cannot stand directly behind a backslash")
        if state == OUTSIDE_QUOTES and type(piece) is Structure:
            parts.append(piece)
        elif state == OUTSIDE_QUOTES and type(piece) is ValueText:
            parts.append(_unquoted(piece))
        else:
            parts.append(in_keyboard_quotes(piece))
    return "".join(parts)


def _unquoted(piece: ValueText) -> str:
    """Return a value that is no text as it is written outside of quotes."""
    if isinstance(piece.value, Unknown) or type(piece.value) in CONTAINERS:
        return _as_literal(piece.value)
    return str(piece) if type(piece.value) in (int, float) else in_keyboard_quotes(piece)


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
    state = OUTSIDE_QUOTES
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Author) and not (type(piece) is Variable and state != OUTSIDE_QUOTES):
            parts.append(piece)
            state = moved(places.JSON, state, piece).state
            continue
        if state not in (places.DOUBLE, OUTSIDE_QUOTES):
            raise TemplateError("a value cannot stand directly behind a backslash")
        parts.append(_whole(piece) if state == OUTSIDE_QUOTES else json.dumps(str(piece))[1:-1])
    return "".join(parts)


def _whole(piece: str) -> str:
    """Return a value as JSON; a text that is written like a number becomes that number."""
    if type(piece) is Structure:
        return piece
    if type(piece) is ValueText:
        return json_text(piece.value)
    digits = sum(character.isdigit() for character in piece[: 2 * _MAX_DIGITS])
    if _JSON_NUMBER.fullmatch(piece) and digits <= _MAX_DIGITS:
        return piece
    return json.dumps(str(piece))


def json_text(value: Value) -> str:
    """Return a value as JSON.

    Raises:
        TemplateError: the value holds a number that is infinite or not a number.
    """
    try:
        return json.dumps(value, allow_nan=False, default=str)
    except ValueError:
        raise TemplateError("a number that is infinite, or none, has no place in JSON") from None


TEXT = TemplateKind("text", places.MARKUP, write_text)
KEYBOARD = TemplateKind("keyboard", places.KEYBOARD, _write_keyboard, keeps_values=True)
URL = TemplateKind("url", places.PLAIN, _write_url, begins=True)
PARAMETER = TemplateKind("parameter", places.PLAIN, "".join)
DATA = TemplateKind("data", places.JSON, _write_data, keeps_values=True, structure=re.compile(r'["\[\]{}]'))
