"""Splitting texts by a messenger's limit: only blanks at a cut are lost, and no part has an open tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Literal, TypeAlias

import regex

from permabots.providers.base.markup import Run, parse, visible, write

Unit: TypeAlias = Literal["utf16", "characters"]

_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f\xa0\u0333\u033f\u030a\u180e\u200b-\u200f\u2028-\u202e\u2060\u2800\ufeff\ufffc"
    r"\U000e0000-\U000e007f]*"
)
"""Blanks and invisible characters. To Telegram, a text of these alone is empty (TDLib, ``strip_empty_characters`` and
``clean_input_string``)."""

_GRAPHEME = regex.compile(r"\X")
_BEFORE_LAST_BLANK = re.compile(r".*\S(?=\s)", re.DOTALL)


def shows(text: str) -> bool:
    """Return whether a text has a visible character."""
    return _UNSEEN.fullmatch(text) is None


def length(text: str, unit: Unit) -> int:
    """Return the length of a text.

    Args:
        text: the text.
        unit: ``utf16`` code units or ``characters`` (code points).
    """
    return len(text) if unit == "characters" else len(text) + sum(1 for character in text if character > "\uffff")


def split_markup(markup: str, limit: int, unit: Unit) -> list[str]:
    """Split marked-up text into parts whose visible text is within the limit.

    Each part is balanced markup: tags that are open at a cut are closed there and opened again after it.

    Args:
        markup: the text, in the markup of `permabots.providers.base.markup`.
        limit: the longest visible text of a part, in `unit`; 2 at least.
        unit: the unit of the limit.

    Returns:
        The parts in order, each with a visible character; none for a text without visible characters.
    """
    runs = parse(markup)
    return [write(part) for part in _parts(runs, cuts(visible(runs), limit, unit))]


def split_text(text: str, limit: int, unit: Unit) -> list[str]:
    """Split plain text into parts within the limit. Arguments and result as in `split_markup`."""
    return [text[start:end] for start, end in cuts(text, limit, unit)]


def cuts(text: str, limit: int, unit: Unit) -> list[tuple[int, int]]:
    """Find the places where a text is split: at the last blank or newline that fits, else between two graphemes.

    Args:
        text: plain text.
        limit: the longest part, in `unit`; 2 at least.
        unit: the unit of the limit.

    Returns:
        Start and end of each part. Between two parts are only blanks, or parts without a visible character.
    """
    parts: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = _reach(text, start, limit, unit)
        if end < len(text):
            end = _cut(text, start, end)
        if shows(text[start:end]):
            parts.append((start, end))
        start = len(text) - len(text[end:].lstrip())
    return parts


def _reach(text: str, start: int, limit: int, unit: Unit) -> int:
    """Return the end of the longest part that fits, also in the middle of a word or a grapheme."""
    if unit == "characters":
        return min(start + limit, len(text))
    end, units = start, 0
    for character in text[start : start + limit]:
        units += length(character, unit)
        if units > limit:
            break
        end += 1
    return end


def _cut(text: str, start: int, end: int) -> int:
    """Return the best place for a cut after `start`, at or before `end`."""
    blank = _BEFORE_LAST_BLANK.match(text, start, end + 1)
    return blank.end() if blank else _grapheme_end(text, start, end)


def _grapheme_end(text: str, start: int, end: int) -> int:
    """Return the last boundary between graphemes up to `end`; `end` itself where one grapheme is longer than a part."""
    boundaries = (match.end() for match in _GRAPHEME.finditer(text, start))
    return max(takewhile(lambda boundary: boundary <= end, boundaries), default=end)


def _parts(runs: Sequence[Run], places: Iterable[tuple[int, int]]) -> Iterator[list[Run]]:
    """Yield the runs of each part, in one walk: a text may have thousands of runs, and of parts hundreds.

    Args:
        runs: those of the whole text.
        places: start and end of each part in the visible text, in order.
    """
    first = before = 0
    for start, end in places:
        while before + len(runs[first].text) <= start:
            before += len(runs[first].text)
            first += 1
        yield list(_shown(runs, first, start - before, end - before))


def _shown(runs: Sequence[Run], first: int, start: int, end: int) -> Iterator[Run]:
    """Yield the runs that show characters `start` to `end` of the visible text from run `first` on."""
    for run in map(runs.__getitem__, range(first, len(runs))):
        if end <= 0:
            return
        yield Run(run.text[max(start, 0) : end], run.tags)
        start, end = start - len(run.text), end - len(run.text)
