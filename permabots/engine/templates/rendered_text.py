"""Texts with a mark of their origin: the template's author, or a filter that escaped them. A text without a mark is a
value.

All are subclasses of `str`, so any operation works on their characters and returns a plain `str`: a value, which is
escaped when it is written. Only the few operations that can tell the origin of each character keep the marks
(`joined`, `mapped`, `cut`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from permabots.engine.templates.budget import Budget


class Marked(str):
    """A text that is not always escaped like a value."""

    __slots__ = ()


class Author(Marked):
    """A text of the template's author: the template's text, a literal in it, or a text made by a literal format."""

    __slots__ = ()


class Literal(Author):
    """A text or a string literal of a template.

    Attributes:
        moves: a cache: the result of reading it, by the place before it (see `places`).
        stays: a cache: whether reading it from between tags is known to end between tags.
    """

    __slots__ = ("moves", "stays")

    def __init__(self, _text: str) -> None:
        self.moves: dict[int, Any] = {}
        self.stays = False


class Variable(Author):
    """The value of a bot's variable: a text of the author, but escaped like a value inside of quotes."""

    __slots__ = ()


class Begin(Author):
    """A value at the beginning of an address, which is not escaped."""

    __slots__ = ()


class Safe(Marked):
    """A value that the author marked with ``|safe``: not escaped between tags."""

    __slots__ = ()


class Escaped(Marked):
    """A value that the author escaped, with ``|e`` in a text or ``|urlencode`` in an address."""

    __slots__ = ()


class Structure(Marked):
    """JSON of ``|tojson``: not escaped, except inside of quotes, where it is a value."""

    __slots__ = ()


class ValueText(Marked):
    """A value that is no text, as text. Request data and keyboards write the value itself.

    Attributes:
        value: the value.
    """

    __slots__ = ("value",)
    value: Any


class Rendered(Marked):
    """A text of several pieces with different marks, such as the output of a macro.

    Attributes:
        pieces: the pieces, none of them `Rendered`.
    """

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]


def rendered(pieces: Iterable[str]) -> str:
    """Return pieces, none of them `Rendered`, as one text."""
    parts = tuple(pieces)
    if len(parts) == 1:
        return parts[0]
    text = Rendered("".join(parts))
    text.pieces = parts
    return text


def pieces_of(text: str) -> tuple[str, ...]:
    """Return the pieces of a text; the text itself where it is one piece."""
    return text.pieces if type(text) is Rendered else (text,)


def joined(texts: list[str], budget: Budget) -> str:
    """Return texts joined to one, and charge it; pieces keep their marks.

    Raises:
        RenderLimitExceeded: too few bytes or steps are left.
    """
    budget.spend(len(texts))
    budget.make_text(sum(map(len, texts)))
    if not any(isinstance(text, Marked) for text in texts):
        return "".join(texts)
    pieces: list[str] = []
    for text in texts:
        parts = pieces_of(text)
        budget.make(8 * len(parts))
        pieces += [piece for piece in parts if piece]
    return rendered(pieces)


def mapped(text: str, change: Callable[[str], str], budget: Budget) -> str:
    """Return a text with each of its pieces changed; pieces of the author stay the author's.

    Args:
        text: any text.
        change: returns the changed text of one piece. It works character by character, so the bounds of pieces do not
            matter.
        budget: what the turn may still cost.

    Raises:
        RenderLimitExceeded: too few bytes or steps are left.
    """
    budget.make_text(3 * len(text))  # some letters become three, like "ΐ" in upper case
    if type(text) is not Rendered:
        return like(text, change(text))
    budget.make(8 * len(pieces_of(text)))
    return rendered(like(piece, change(piece)) for piece in pieces_of(text))


def replaced_in_place(text: str, changed: str) -> str:
    """Return a changed text; if it has the same length, its pieces keep the marks of the original's.

    Args:
        text: the original.
        changed: the changed text.
    """
    if not isinstance(text, Marked) or len(text) != len(changed):
        return changed
    pieces: list[str] = []
    position = 0
    for piece in pieces_of(text):
        pieces.append(like(piece, changed[position : position + len(piece)]))
        position += len(piece)
    return rendered(pieces)


def cut(text: str, start: int, end: int, budget: Budget) -> str:
    """Return a part of a text, and charge it; pieces of the author stay the author's.

    Raises:
        RenderLimitExceeded: too few bytes or steps are left.
    """
    budget.make_text(max(0, end - start))
    if not isinstance(text, Marked):
        return text[start:end]
    parts = pieces_of(text)
    budget.spend(len(parts))
    pieces: list[str] = []
    position = 0
    for piece in parts:
        part = piece[max(start - position, 0) : max(end - position, 0)]
        if part:
            pieces.append(like(piece, part))
        position += len(piece)
    return rendered(pieces)


def like(piece: str, text: str) -> str:
    """Return a text that was made from a piece, with the piece's mark where the mark still holds."""
    if isinstance(piece, Literal):
        return Author(text)
    return type(piece)(text) if isinstance(piece, Author | Escaped | Safe) else text
