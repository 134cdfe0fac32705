"""JSON made short, and without secrets, to be kept with a message."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from permabots.engine.redaction import Redactor
from permabots.values import Json, storable

MAX_TEXT = 1000
"""Characters of one text."""
MAX_ITEMS = 50
"""Items of one list, entries of one object."""
MAX_SIZE = 5000
"""All characters together, each value counted as one more."""


def summarized(value: Json, redactor: Redactor, frame: Collection[str] = ()) -> Json:
    """Return a JSON value shortened, each cut with how much was left out, and without secrets, in keys neither.

    What is cut is cut after the secrets are gone, so that no part of one stays.

    Args:
        value: any JSON, tuples for lists too.
        redactor: knows the secrets.
        frame: keys that stay even if a secret should be part of them: whoever reads the summary looks for these.
    """
    return _Summary(redactor, frame).of(value)


class _Summary:
    """One walk through a value; what may still be kept gets less with each step."""

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
        length = max(0, min(MAX_TEXT, self._left))
        kept = clean[:length]
        self._left -= len(kept)
        return kept if len(kept) == len(clean) else f"{kept}… ({len(clean) - len(kept)} more characters)"

    def _scalar(self, value: Json) -> Json:
        """Return a number, true, false or null; a number that holds a secret goes the way of texts."""
        if value is None or isinstance(value, bool):
            return value
        written = str(value)
        hidden = self._redactor.text(written)
        return value if hidden == written else hidden

    def _entries(self, value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
        for kept, (key, item) in enumerate(value.items()):
            if kept == MAX_ITEMS or self._left <= 0:
                yield "…", f"{len(value) - kept} more"
                return
            yield key if key in self._frame else self._text(key), self.of(item)

    def _items(self, value: list[Json] | tuple[Json, ...]) -> Iterator[Json]:
        for kept, item in enumerate(value):
            if kept == MAX_ITEMS or self._left <= 0:
                yield f"… {len(value) - kept} more"
                return
            yield self.of(item)
