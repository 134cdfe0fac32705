"""Making an input from others: JSON changed in one place, tokens cut out, doubled, replaced, put in, bytes changed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from permabots.testing.contract.malformed_events import VALUES

LONGEST = 60_000
"""Bytes of an input at most: more than any template or message may have."""
_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]", re.ASCII)
_BYTES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc3\x28",
    b"\xf0\x9f\x91\x8d",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\\ud83d",
)
_NUMBERS = (
    b"0",
    b"-1",
    b"9" * 30,
    b"1e309",
    b"-0.0",
    b"65536",
    b"2147483648",
    b"9223372036854775808",
    b"0.1",
    b"9" * 5000,
)
_TOO_LONG_FOR_JSON = 20_000


class Mutator:
    """Mutates inputs of one target.

    Args:
        chance: what decides.
        words: tokens that mean something to the target.
    """

    def __init__(self, chance: random.Random, words: Sequence[bytes]) -> None:
        self._chance = chance
        self._words = [*words, *_BYTES, *_NUMBERS]

    def mutated(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """Return an input made of another one, and perhaps of pieces of others.

        Args:
            data: the input.
            others: inputs that pieces are taken from.
        """
        for _ in range(self._chance.choice((1, 1, 1, 2, 3, 6))):
            data = self._chance.choice(_WAYS)(self, data, others)[:LONGEST]
        return data

    def changed_json(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """Return JSON with one place changed; what is not JSON has its tokens changed."""
        value = _json(data)
        places = list(_places(value))
        if not places:
            return self.changed_tokens(data, others)
        holder, place = self._chance.choice(places)
        kind = self._chance.randrange(5)
        if kind == 0:
            del holder[place]
        elif kind == 1 and (more := list(_places(_json(self._chance.choice(others))))):
            other, where = self._chance.choice(more)
            holder[place] = other[where]
        elif kind == 2 and isinstance(holder, list):
            holder[place:place] = [holder[place]] * self._chance.choice((1, 2, 50))
        elif kind == 3:
            holder[place] = _deep(holder[place], self._chance.choice((1, 3, 60, 130)), self._chance.random() < 0.5)
        else:
            holder[place] = self._chance.choice((*VALUES, self._chance.choice(self._words).decode("latin-1")))
        return json.dumps(value, ensure_ascii=self._chance.random() < 0.5).encode("utf-8", "surrogatepass")

    def changed_tokens(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """Return an input with some tokens cut out, doubled, repeated often, replaced, or with others put in."""
        start, end = self._span(data)
        kind = self._chance.randrange(6)
        if kind == 0:
            return data[:start] + data[end:]
        if kind == 1:
            return data[:end] + data[start:end] * self._chance.choice((1, 2, 9, 100, 3000)) + data[end:]
        if kind == 2:
            other = self._chance.choice(others)
            first, last = self._span(other)
            return data[:start] + other[first:last] + data[end:]
        if kind == 3:
            return data[:start] + data[start:end].swapcase()[::-1] + data[end:]
        word = self._chance.choice(self._words)
        return data[:start] + word * self._chance.choice((1, 1, 1, 2, 30, 2000)) + data[end if kind == 4 else start :]

    def changed_bytes(self, data: bytes, _: Sequence[bytes]) -> bytes:
        """Return an input with a byte changed, taken out or put in."""
        place = self._chance.randrange(len(data) + 1)
        put = bytes([self._chance.randrange(256)]) * self._chance.choice((0, 1, 1, 2))
        return data[:place] + put + data[place + self._chance.randrange(2) :]

    def _span(self, data: bytes) -> tuple[int, int]:
        """Return where some tokens begin and end."""
        places = [found.start() for found in _TOKEN.finditer(data)] + [len(data)]
        first = self._chance.randrange(len(places))
        last = min(first + self._chance.choice((1, 1, 2, 3, 8)), len(places) - 1)
        return places[first], places[last]


_WAYS: tuple[Callable[[Mutator, bytes, Sequence[bytes]], bytes], ...] = (
    Mutator.changed_json,
    Mutator.changed_tokens,
    Mutator.changed_tokens,
    Mutator.changed_bytes,
)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if len(data) < _TOO_LONG_FOR_JSON else None
    except (ValueError, RecursionError):
        return None


def _places(value: Any) -> Any:
    if isinstance(value, dict | list):
        for place in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, place
            yield from _places(value[place])


def _deep(value: Any, depth: int, lists: bool) -> Any:
    for _ in range(depth):
        value = [value] if lists else {"a": value}
    return value
