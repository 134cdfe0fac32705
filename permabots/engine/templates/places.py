"""The places in a template's output where a value can stand, for each kind of template.

A place is a state of a small automaton that reads the literal text of a template. The writers of `kinds` run it over
the pieces of the output; `check_places` of `compile` runs it over a template's literals when the template is saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from permabots import markup
from permabots.engine.templates.rendered_text import Literal

VALUE = "}}"
"""Stands for the text before a value that directly follows another value."""


class Move(NamedTuple):
    """The result of reading a text from a place on.

    Attributes:
        state: the place after the text.
        failed_at: the position in the text at which a tag begun before the text proved to be none, or -1.
        started: the position in the text at which a tag or quote begins that is open at its end, or -1.
    """

    state: int
    failed_at: int = -1
    started: int = -1


class Places:
    """The places of one kind of template. This class itself has a single place."""

    start: ClassVar[int] = 0
    words: ClassVar[Mapping[int, str]] = {}
    """The names of its places, in words for an author."""

    def advance(self, state: int, text: str) -> Move:
        """Read a literal text from a place on."""
        return Move(state)

    def place(self, state: int) -> int:
        """Return the part of a place that must be the same after all branches of a condition."""
        return state

    def value_problem(self, state: int, before: str) -> str:
        """Say why no value can stand in a place, "" if it can.

        Args:
            state: the place.
            before: the literal text directly before the value, "" where there is none.
        """
        return ""

    def text_problem(self, state: int, after: str) -> str:
        """Say why a literal text cannot stand directly after a value, "" if it can.

        Args:
            state: the place.
            after: the literal text.
        """
        return ""

    def after_value(self, state: int) -> int:
        """Return the place after a value."""
        return state

    def end_problem(self, state: int, has_value: bool) -> str:
        """Say why a template cannot end in a place, "" if it can.

        Args:
            state: the place.
            has_value: whether a value or a condition stands in the tag or quote that is open there.
        """
        return ""


class MarkupPlaces(Places):
    """Between tags, and in attributes, as `permabots.markup` reads them."""

    start = markup.TEXT
    _inside: ClassVar[frozenset[int]] = frozenset(
        {markup.OPENED, markup.ENDING, markup.NAME, markup.BLANK, markup.ATTRIBUTE_NAME, markup.NAMED, markup.QUOTED}
    )
    words: ClassVar[Mapping[int, str]] = {
        markup.TEXT: "text",
        **dict.fromkeys(_inside, "inside a tag"),
        **dict.fromkeys((markup.EQUALS, markup.UNQUOTED, markup.DOUBLE, markup.SINGLE), "inside an attribute"),
    }

    def advance(self, state: int, text: str) -> Move:
        return Move(*markup.advance(state, text))

    def place(self, state: int) -> int:
        return markup.QUOTED if state in self._inside or state == markup.UNQUOTED else state

    def value_problem(self, state: int, before: str) -> str:
        if state in (markup.OPENED, markup.ENDING):
            return "a value cannot stand directly behind <: to show that sign, write &lt;"
        return (
            "a value can stand in a tag's attribute only: put it behind = and in quotes"
            if state in self._inside
            else ""
        )

    def after_value(self, state: int) -> int:
        return markup.UNQUOTED if state == markup.EQUALS else state

    def end_problem(self, state: int, has_value: bool) -> str:
        if state in (markup.DOUBLE, markup.SINGLE):
            return "a quote in a tag is not closed"
        return "a tag is not closed" if has_value and state != markup.TEXT else ""


OUTSIDE_QUOTES, SINGLE, DOUBLE, COMMENT, SINGLE_ESCAPE, DOUBLE_ESCAPE = range(6)
"""Outside of quotes; in single quotes; in double quotes; in a comment; after a backslash in single or double quotes."""

QUOTES = frozenset({SINGLE, DOUBLE})


class QuotedPlaces(Places):
    """Inside and outside of quotes.

    Args:
        stops: the characters that end a run of plain text: quotes, and the sign of a comment where there are comments.
    """

    start = OUTSIDE_QUOTES
    words: ClassVar[Mapping[int, str]] = {
        **dict.fromkeys((OUTSIDE_QUOTES, COMMENT), "outside of quotes"),
        **dict.fromkeys((SINGLE, DOUBLE, SINGLE_ESCAPE, DOUBLE_ESCAPE), "inside of quotes"),
    }
    _next: ClassVar[dict[tuple[int, str], int]] = {
        (OUTSIDE_QUOTES, "'"): SINGLE,
        (OUTSIDE_QUOTES, '"'): DOUBLE,
        (OUTSIDE_QUOTES, "#"): COMMENT,
        (COMMENT, "\n"): OUTSIDE_QUOTES,
        (SINGLE, "'"): OUTSIDE_QUOTES,
        (DOUBLE, '"'): OUTSIDE_QUOTES,
        (SINGLE, "\\"): SINGLE_ESCAPE,
        (DOUBLE, "\\"): DOUBLE_ESCAPE,
    }
    _escapes: ClassVar[dict[int, int]] = {SINGLE_ESCAPE: SINGLE, DOUBLE_ESCAPE: DOUBLE}

    def __init__(self, stops: str) -> None:
        self._stop = re.compile(f"[{re.escape(stops)}]")

    def advance(self, state: int, text: str) -> Move:
        position, opened = 0, -1
        while position < len(text):
            if state in self._escapes:
                state = self._escapes[state]
                position += 1
                continue
            found = self._stop.search(text, position)
            if not found:
                break
            if state == OUTSIDE_QUOTES:
                opened = found.start()
            state = self._next.get((state, found[0]), state)
            position = found.end()
        return Move(state, started=-1 if state == OUTSIDE_QUOTES else opened)

    def value_problem(self, state: int, before: str) -> str:
        return "a value cannot stand directly behind a backslash" if state in self._escapes else ""

    def end_problem(self, state: int, has_value: bool) -> str:
        return "" if state in (OUTSIDE_QUOTES, COMMENT) else "a quote is not closed"


class JsonPlaces(QuotedPlaces):
    """Inside of a JSON string, and between JSON's tokens, where a value is a whole JSON value."""

    _before = frozenset("[{,: \t\r\n")
    _after = frozenset("]},: \t\r\n")

    def value_problem(self, state: int, before: str) -> str:
        if state == OUTSIDE_QUOTES and before and before[-1] not in self._before:
            touched = "another one" if before == VALUE else repr(before[-10:])
            return f"a value outside of quotes is a whole JSON value, and cannot touch {touched}"
        return super().value_problem(state, before)

    def text_problem(self, state: int, after: str) -> str:
        if state == OUTSIDE_QUOTES and after and after[0] not in self._after:
            return f"a value outside of quotes is a whole JSON value, and cannot touch {after[:10]!r}"
        return ""


PLAIN = Places()
MARKUP = MarkupPlaces()
KEYBOARD = QuotedPlaces("'\"\\#\n")
JSON = JsonPlaces('"\\')


def moved(kind: Places, state: int, piece: str) -> Move:
    """Read a piece of text from a place on; a `Literal` caches the result."""
    if not isinstance(piece, Literal):
        return kind.advance(state, piece)
    move: Move | None = piece.moves.get(state)
    if move is None:
        move = piece.moves[state] = kind.advance(state, piece)
    return move
