"""Searching one text for many patterns at once with RE2, in time that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2

_LEAST_MEMORY = 4 << 20
_MEMORY_PER_CHAR = 64  # bytes for a character of a pattern: its program takes 20, the rest is for RE2's cached states
_TRIES = (1, 4, 16)


class CandidateSet:
    """Numbered patterns for RE2; `find` returns the numbers of those that match a text.

    A failure of RE2 gives more candidates, never fewer. The empty pattern, and one that RE2 does not accept, is always
    a candidate. Where the set needs more memory than it may have, all patterns are candidates. RE2 reports that as "no
    match", without an error; so the set has one more pattern, which matches every text and must be in each result.

    Args:
        patterns: the number and the text of each pattern, ascending by number. A number with several patterns is a
            candidate if one of them matches.
        memory: bytes that RE2 may use, None for an amount by the patterns' length. It allocates them on demand.
    """

    __slots__ = ("_all", "_always", "_asked", "_set")

    def __init__(self, patterns: Iterable[tuple[int, str]], memory: int | None = None) -> None:
        pairs = tuple(patterns)
        self._all = list(dict.fromkeys(number for number, _ in pairs))
        enough = memory or _LEAST_MEMORY + _MEMORY_PER_CHAR * sum(len(pattern) for _, pattern in pairs)
        for factor in _TRIES:
            self._set, self._asked, self._always = _build(pairs, enough * factor)
            if self._set is not None:
                break

    def find(self, text: bytes) -> list[int]:
        """Return the numbers of the candidates for a text, ascending.

        Args:
            text: the text in UTF-8, with lone surrogates encoded as they are.
        """
        matched = None if self._set is None else self._set.Match(text)
        if matched is None:
            return self._all
        if len(matched) == 1:
            return self._always
        found = {self._asked[place] for place in matched if place}
        return sorted(found.union(self._always))


def _build(pairs: tuple[tuple[int, str], ...], memory: int) -> tuple[Any, list[int], list[int]]:
    """Return the set, None where the memory is too small; the numbers of its patterns, with -1 first for the one that
    matches every text; and the numbers that are always candidates."""
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    built = re2.Set.SearchSet(options)
    built.Add("")
    asked: list[int] = [-1]
    always: list[int] = []
    for number, pattern in pairs:
        (asked if pattern and _add(built, pattern) else always).append(number)
    try:
        built.Compile()
    except re2.error:
        return None, asked, always
    return built, asked, always


def _add(built: Any, pattern: str) -> bool:
    try:
        built.Add(pattern)
    except re2.error:
        return False
    return True
