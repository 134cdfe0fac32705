"""Functions that the filters and methods of texts share. They charge their cost first, and keep the marks of pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import show
from permabots.engine.templates.rendered_text import Marked, cut, joined
from permabots.exceptions import TemplateError

_PIECE_BYTES = 200
"""Bytes that are charged for each part of a marked text."""

_COMPARED_PER_STEP = 2_000
_TEXT_BYTES = 60
"""Bytes of a small `str` besides its characters."""


def replaced(text: str, old: str, new: str, count: int, budget: Budget) -> str:
    """Return a text with a part of it replaced, as `str.replace` does.

    Args:
        text: the text.
        old: the part that is replaced; "" for each position between characters.
        new: the replacement.
        count: the most replacements, -1 for all.
        budget: what the turn may still cost.

    Raises:
        RenderLimitExceeded: too few bytes or steps are left.
    """
    budget.spend((len(text) + len(old)) // 64)
    times = str(text).count(old)
    if count >= 0:
        times = min(times, count)
    budget.make_text(len(text) + times * len(new))
    if not isinstance(text, Marked) and not isinstance(new, Marked):
        return text.replace(old, new, count)
    budget.make(_PIECE_BYTES * times)
    pieces: list[str] = []
    position = 0
    for start in _found(str(text), old, times):
        pieces += [cut(text, position, start, budget), new]
        position = start + len(old)
    pieces.append(cut(text, position, len(text), budget))
    return joined(pieces, budget)


def _found(text: str, old: str, times: int) -> list[int]:
    """Return the positions of the first occurrences; "" occurs at each position between characters."""
    places: list[int] = []
    position = 0
    for _ in range(times):
        position = text.find(old, position)
        places.append(position)
        position += max(1, len(old))
    return places


def stripped(name: str, text: str, chars: str | None, budget: Budget) -> str:
    """Return a text without blanks, or without some characters, at its ends.

    Args:
        name: ``strip``, ``lstrip`` or ``rstrip``.
        text: the text.
        chars: the characters, None for blanks.
        budget: what the turn may still cost.
    """
    budget.spend(len(text) // 64 * (1 + len(chars or "") // 8))
    plain = str(text)
    end = len(text) if name == "lstrip" else len(plain.rstrip(chars))
    start = 0 if name == "rstrip" else len(plain) - len(plain.lstrip(chars))
    return cut(text, start, max(start, end), budget)


_PADDING: Mapping[str, Callable[[str, int, str], str]] = {
    "center": str.center,
    "ljust": str.ljust,
    "rjust": str.rjust,
}


def padded(name: str, text: str, width: Any, fill: Any, budget: Budget) -> str:
    """Return a text padded to a width.

    Args:
        name: ``center``, ``ljust`` or ``rjust``.
        text: the text.
        width: the width.
        fill: the character that is added.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the width is not a whole number, or the fill is not one character.
    """
    if not (isinstance(width, int) and isinstance(fill, str) and len(fill) == 1):
        raise TemplateError(f"{name} wants a width, and one character to fill with")
    budget.make_text(max(len(text), width))
    return _PADDING[name](str(text), width, str(fill))


def split_texts(name: str, text: str, separator: str | None, max_splits: int, budget: Budget) -> list[str]:
    """Return the parts of a text.

    Args:
        name: ``split``, ``rsplit`` or ``splitlines``.
        text: the text.
        separator: the separator, None for blanks; not used by ``splitlines``.
        max_splits: the most splits, -1 for all; for ``splitlines``, whether lines keep their ends.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the separator is empty.
    """
    plain = str(text)
    budget.spend(len(plain) // 32)
    if name == "rsplit" and separator:
        spend_backwards(plain, separator, budget)
    if separator == "":
        raise TemplateError(f"{name} wants a separator that is not empty")
    if separator is None:
        parts = len(plain) if name == "splitlines" else (len(plain) + 1) // 2
    else:
        parts = plain.count(separator) + 1
    if name != "splitlines" and max_splits >= 0:
        parts = min(parts, max_splits + 1)
    budget.make((_PIECE_BYTES if isinstance(text, Marked) else _TEXT_BYTES) * min(parts, len(plain) + 1))
    budget.make_text(len(plain))
    if name == "splitlines":
        return _parts(text, plain.splitlines(bool(max_splits)), budget)
    split: Callable[..., list[str]] = plain.split if name == "split" else plain.rsplit
    return _parts(text, split(separator, max_splits), budget)


def _parts(text: str, parts: list[str], budget: Budget) -> list[str]:
    """Return consecutive parts of a text, with the marks of the text's pieces."""
    if not isinstance(text, Marked):
        return parts
    marked: list[str] = []
    position = 0
    for part in parts:
        start = text.index(part, position)
        position = start + len(part)
        marked.append(cut(text, start, position, budget))
    return marked


def interleaved(values: Any, separator: str, budget: Budget) -> str:
    """Return values as one text with a separator between them, and charge it; pieces keep their marks."""
    texts: list[str] = []
    budget.make(16 * len(values))
    for number, value in enumerate(values):
        if number and separator:
            texts.append(separator)
        texts.append(show(value, budget))
    return joined(texts, budget)


def spend_backwards(text: str, part: str, budget: Budget) -> None:
    """Charge a search from a text's end: in the worst case, Python compares the product of both lengths."""
    budget.spend(len(text) * len(part) // _COMPARED_PER_STEP)
