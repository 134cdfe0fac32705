"""Building an address from literal text, which may hold any part of it, and values, each inside one part of it."""

from __future__ import annotations

import re

from permabots.exceptions import TemplateError

_START, _HOST, _PATH, _QUERY = range(4)
_HOST_VALUE = re.compile(r"[A-Za-z0-9.-]+", re.ASCII)
_SCHEME = "://"
_DOTS = frozenset({".", ".."})


class Address:
    """An address that is built piece by piece."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._place = _START
        self._segment: list[str] = []
        self._segment_has_value = False
        self._host_values: list[str] = []
        self._is_value = False

    def literal(self, text: str, is_value: bool = False) -> None:
        """Add text of the author, or a value that the author encoded.

        Args:
            text: the text, which is not encoded any more.
            is_value: whether the text comes from a value, and so may not change the host or go up in the path.

        Raises:
            TemplateError: the text ends a part of the address with a value that may not be there.
        """
        self._parts.append(text)
        self._is_value = is_value
        if is_value and self._place == _HOST:
            self._host_values.append(text)
            return
        position = 0
        while position < len(text):
            if self._place == _START:
                position = self._begin(text, position)
            elif self._place == _HOST:
                position = self._in_host(text, position)
            elif self._place == _PATH:
                position = self._in_path(text, position)
            else:
                return

    def value(self, value: str, encoded: str) -> None:
        """Add a value.

        Args:
            value: the value as text.
            encoded: the value percent-encoded.
        """
        self._parts.append(encoded)
        if self._place == _HOST:
            self._host_values.append(value)
        elif self._place != _QUERY:
            self._segment.append(encoded)
            self._segment_has_value = True

    def text(self) -> str:
        """Return the address.

        Raises:
            TemplateError: a value is in a part of the address where it may not be.
        """
        if self._place == _HOST:
            self._end_host()
        else:
            self._end_segment()
        return "".join(self._parts)

    def _begin(self, text: str, position: int) -> int:
        """Read text at the beginning, where it may be a scheme or a segment of a path."""
        marks = [found for mark in "/?#" if (found := text.find(mark, position)) >= 0]
        scheme = text.find(_SCHEME, position)
        if scheme >= 0 and scheme + 1 == min(marks):
            self._segment, self._segment_has_value = [], False
            self._place = _HOST
            return scheme + len(_SCHEME)
        if marks:
            self._place = _PATH
            return position
        self._segment.append(text[position:].strip())
        self._segment_has_value |= self._is_value
        return len(text)

    def _in_host(self, text: str, position: int) -> int:
        end = min((found for mark in "/?#" if (found := text.find(mark, position)) >= 0), default=len(text))
        if "@" in text[position:end]:
            self._host_values.clear()  # the values before the @ were user name and password
        if end < len(text):
            self._end_host()
            self._place = _PATH
        return end

    def _end_host(self) -> None:
        for value in self._host_values:
            if not _HOST_VALUE.fullmatch(value):
                raise TemplateError(
                    "a value in the host or port of an address may hold letters, digits, dots and hyphens only,"
                    f" and must not be empty: {value[:50]!r}"
                )
        self._host_values.clear()

    def _in_path(self, text: str, position: int) -> int:
        end = position
        while end < len(text) and text[end] not in "/?#":
            end += 1
        self._segment.append(text[position:end])
        self._segment_has_value |= self._is_value
        if end == len(text):
            return end
        self._end_segment()
        if text[end] != "/":
            self._place = _QUERY
        return end + 1

    def _end_segment(self) -> None:
        segment = re.sub("%2e", ".", "".join(self._segment).strip(), flags=re.IGNORECASE)
        if self._segment_has_value and segment in _DOTS:
            raise TemplateError(f"a part of the path would come to {segment!r}, which leads to another address")
        self._segment, self._segment_has_value = [], False
