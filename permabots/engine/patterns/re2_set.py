"""Many patterns against one text at once: which of them may match, in time that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2

_LEAST_MEMORY = 4 << 20
_MEMORY_PER_CHAR = 64  # of pattern: its program takes 20, the rest is for what RE2 learns from the texts it sees
_TRIES = (1, 4, 16)


class CandidateSet:
    """Numbered patterns of RE2; `find` returns the numbers of those that match somewhere in a text.

    Whatever RE2 cannot do ends in more candidates, never in fewer. The empty pattern, and one that RE2 does not take,
    is always a candidate. Where the set needs more memory than it may have, all are. RE2 then answers "no match"
    without a word; so a pattern that matches every text is among those it is asked for, and must be in the answer.

    Args:
        patterns: number and pattern of each, ascending by number. A number with several patterns needs one of them.
        memory: bytes RE2 may use, None for an amount by the patterns' length. It takes them as it needs them.
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
        """Return the candidates, ascending, for a text in UTF-8 (lone surrogates passed)."""
        matched = None if self._set is None else self._set.Match(text)
        if matched is None:
            return self._all
        if len(matched) == 1:
            return self._always
        found = {self._asked[place] for place in matched if place}
        return sorted(found.union(self._always))


def _build(pairs: tuple[tuple[int, str], ...], memory: int) -> tuple[Any, list[int], list[int]]:
    """Return the set, None without memory; the numbers of its patterns, the first always matches; and all others."""
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
