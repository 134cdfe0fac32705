"""What no sound provider sends: bodies that are no JSON objects, and objects with odd values in any place."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

from permabots.values import Json

MALFORMED: tuple[bytes, ...] = (
    b"",
    b" ",
    b"not JSON",
    b"a=1&b=2",
    b"\xff\xfe\x00",
    b"[]",
    b"[{}]",
    b"7",
    b'"text"',
    b"null",
    b"true",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": 1',
    b'{"a":' * 100_000,
)
"""Bodies that are no JSON objects."""

VALUES: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    7,
    2**70,
    1.5,
    "",
    " ",
    "x",
    "7",
    "x" * 300,
    "a\x00b\ud83d",
    [],
    ["x"],
    [{}],
    {},
    {"id": True},
)
"""Values for any place of a body."""

_NUMBERS = (0, -1, 7, 2**70, 0.5)
_TEXTS = ("", "x", "7", "\x00", "\udfff")


def changed(body: Json) -> Iterator[Json]:
    """Give a body again and again, each time with an odd value in one place, or without that place.

    Use each before asking for the next: they are one and the same object.
    """
    body = copy.deepcopy(body)
    for holder, place in list(_places(body)):
        value = holder[place]
        for odd in VALUES:
            holder[place] = odd
            yield body
        if isinstance(holder, dict):
            del holder[place]
            yield body
        holder[place] = value


def made_up(names: Sequence[str], count: int) -> Iterator[dict[str, Json]]:
    """Give objects with these names in places where they mean nothing; the same ones every time."""
    source = random.Random(count)  # noqa: S311 - test data, the same in every run
    for _ in range(count):
        yield {source.choice(names): _value(source, names, 4) for _ in range(source.randint(0, 5))}


def names_in(body: Json) -> set[str]:
    """Return every name of an object's entries, at any depth."""
    if isinstance(body, dict):
        return set(body).union(*map(names_in, body.values()))
    return set().union(*map(names_in, body)) if isinstance(body, list) else set()


def _places(value: Json) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for place in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, place
            yield from _places(value[place])


def _value(source: random.Random, names: Sequence[str], depth: int) -> Json:
    kind = source.randrange(6 if depth else 4)
    if kind == 4:
        return [_value(source, names, depth - 1) for _ in range(source.randint(0, 3))]
    if kind == 5:
        return {source.choice(names): _value(source, names, depth - 1) for _ in range(source.randint(0, 4))}
    return source.choice(((None,), (True, False), _NUMBERS, _TEXTS)[kind])
