"""Texts that know who wrote them: a template's author, a filter that escaped them, or nobody, as any value.

All are texts of Python, so whatever an operation computes, it computes with their characters, and gives a plain text:
a value, which is escaped where it is written. Only the few operations that know which character came from where keep
the pieces apart (`joined`, `mapped`, `cut`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from permabots.engine.templates.budget import Budget


class Marked(str):
    """A text that is not escaped everywhere as a value is."""

    __slots__ = ()


class Author(Marked):
    """What the author of a template wrote: in the template, as a literal in it, or as the text of a format."""

    __slots__ = ()


class Literal(Author):
    """A text that stands in a template.

    Attributes:
        moves: where it leads from which place, see `places`, as far as it has been asked.
        stays: whether it is known to lead from between tags to between tags.
    """

    __slots__ = ("moves", "stays")

    def __init__(self, _text: str) -> None:
        self.moves: dict[int, Any] = {}
        self.stays = False


class Variable(Author):
    """A bot's environment variable: its author's words, and a value where it stands between quotes."""

    __slots__ = ()


class Begin(Author):
    """A value that begins an address, and stands in it unescaped."""

    __slots__ = ()


class Safe(Marked):
    """A value that its author calls safe: stands as it is between tags."""

    __slots__ = ()


class Escaped(Marked):
    """A value that its author escaped by hand, with ``|e`` in a text or ``|urlencode`` in an address."""

    __slots__ = ()


class Structure(Marked):
    """JSON as ``|tojson`` writes it: stands as it is, except between quotes, where it is a value."""

    __slots__ = ()


class Shown(Marked):
    """A value that is no text, as it reads. In request data it stands for itself.

    Attributes:
        value: the value.
    """

    __slots__ = ("value",)
    value: Any


class Rendered(Marked):
    """Text put together of pieces, each an author's, a value's, or marked otherwise; as what a macro writes.

    Attributes:
        pieces: none of them is `Rendered`.
    """

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]


def rendered(pieces: Iterable[str]) -> str:
    """Return pieces, none of them `Rendered`, as one text."""
    found = tuple(pieces)
    if len(found) == 1:
        return found[0]
    made = Rendered("".join(found))
    made.pieces = found
    return made


def pieces_of(text: str) -> tuple[str, ...]:
    """Return the pieces of a text, itself where it is one piece."""
    return text.pieces if type(text) is Rendered else (text,)


def joined(texts: list[str], budget: Budget) -> str:
    """Return texts one behind the other, charged; pieces that are marked stay so."""
    budget.spend(len(texts))
    budget.make_text(sum(map(len, texts)))
    if not any(isinstance(text, Marked) for text in texts):
        return "".join(texts)
    pieces: list[str] = []
    for text in texts:
        found = pieces_of(text)
        budget.make(8 * len(found))
        pieces += [piece for piece in found if piece]
    return rendered(pieces)


def mapped(text: str, change: Callable[[str], str], budget: Budget) -> str:
    """Return a text with each of its pieces changed; what an author wrote stays the author's.

    Args:
        text: any text.
        change: gives the text of one piece; character by character, so that it does not matter where pieces begin.
        budget: what it may cost.
    """
    budget.make_text(3 * len(text))  # some letters become three: "ΐ" in capitals
    if type(text) is not Rendered:
        return like(text, change(text))
    budget.make(8 * len(pieces_of(text)))
    return rendered(like(piece, change(piece)) for piece in pieces_of(text))


def replaced_in_place(text: str, changed: str) -> str:
    """Return a changed text; where each character has stayed in its place, what an author wrote stays the author's."""
    if not isinstance(text, Marked) or len(text) != len(changed):
        return changed
    pieces: list[str] = []
    position = 0
    for piece in pieces_of(text):
        pieces.append(like(piece, changed[position : position + len(piece)]))
        position += len(piece)
    return rendered(pieces)


def cut(text: str, start: int, end: int, budget: Budget) -> str:
    """Return a part of a text, charged; what an author wrote stays the author's."""
    budget.make_text(max(0, end - start))
    if not isinstance(text, Marked):
        return text[start:end]
    found = pieces_of(text)
    budget.spend(len(found))
    pieces: list[str] = []
    position = 0
    for piece in found:
        part = piece[max(start - position, 0) : max(end - position, 0)]
        if part:
            pieces.append(like(piece, part))
        position += len(piece)
    return rendered(pieces)


def like(piece: str, text: str) -> str:
    """Return a text made from another one, as of the same author."""
    if isinstance(piece, Literal):
        return Author(text)
    return type(piece)(text) if isinstance(piece, Author | Escaped | Safe) else text
