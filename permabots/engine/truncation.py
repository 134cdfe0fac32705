"""Shortening and redacting JSON that is stored with a message."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from permabots.engine.redaction import Redactor
from permabots.values import Json, storable

MAX_TEXT = 1000
"""Characters of one text at most."""
MAX_ITEMS = 50
"""Items of one list, and entries of one object, at most."""
MAX_SIZE = 5000
"""Characters of all texts together at most; each value counts as one more."""


def summarized(value: Json, redactor: Redactor, frame: Collection[str] = ()) -> Json:
    """Return a JSON value shortened and redacted, in its keys too. Each cut says how much was left out.

    Texts are cut after redaction, so that no part of a secret stays.

    Args:
        value: any JSON; tuples count as lists.
        redactor: replaces the secrets.
        frame: keys that are not redacted, even if they are equal to part of a secret: readers look these keys up.
    """
    return _Summary(redactor, frame).of(value)


class _Summary:
    """One walk through a value; `_left` counts the characters that may still be shown."""

    def __init__(self, redactor: Redactor, frame: Collection[str]) -> None:
        self._redactor = redactor
        self._frame = frame
        self._left = MAX_SIZE

    def of(self, value: Json) -> Json:
        self._left -= 1
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return dict(self._entries(value))
        if isinstance(value, list | tuple):
            return list(self._items(value))
        return self._scalar(value)

    def _text(self, text: str) -> str:
        clean = storable(self._redactor.text(text))
        start = clean[: max(0, min(MAX_TEXT, self._left))]
        self._left -= len(start)
        return start if len(start) == len(clean) else f"{start}… ({len(clean) - len(start)} more characters)"

    def _scalar(self, value: Json) -> Json:
        """Return a number, true, false or null; a number that holds a secret becomes a redacted text."""
        if value is None or isinstance(value, bool):
            return value
        written = str(value)
        hidden = self._redactor.text(written)
        return value if hidden == written else hidden

    def _entries(self, value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
        for position, (key, item) in enumerate(value.items()):
            if position == MAX_ITEMS or self._left <= 0:
                yield "…", f"{len(value) - position} more"
                return
            yield key if key in self._frame else self._text(key), self.of(item)

    def _items(self, value: list[Json] | tuple[Json, ...]) -> Iterator[Json]:
        for position, item in enumerate(value):
            if position == MAX_ITEMS or self._left <= 0:
                yield f"… {len(value) - position} more"
                return
            yield self.of(item)
