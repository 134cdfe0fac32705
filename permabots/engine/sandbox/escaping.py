"""How a value is written into the output of each kind of template, and what stands there as its author wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self
from urllib.parse import quote

from markupsafe import Markup

from permabots.engine.sandbox.budget import running


class Written(Markup):
    """Text that stands in the output as it is: the author's own, or a value that is escaped already.

    Joined with any other value, in whatever way, it escapes that value as its kind of template demands. This class
    itself is the kind that escapes nothing.
    """

    __slots__ = ()

    structural: ClassVar[re.Pattern[str] | None] = None
    """What makes a literal in a template more than plain text, so that escaping it would change what it means."""

    @staticmethod
    def encoded(text: str) -> str:
        """Return a value's text, escaped."""
        return text

    @classmethod
    def put(cls, value: object) -> Self:
        """Return what a value looks like where a template puts it out."""
        return cls.escape(value)

    @classmethod
    def escape(cls, value: Any, /) -> Self:
        if isinstance(value, Markup):
            return cls.own(value)
        return cls.own(cls.encoded(value if isinstance(value, str) else str(value)))

    @classmethod
    def own(cls, text: str) -> Self:
        """Return text as its author wrote it."""
        return text if type(text) is cls else str.__new__(cls, text)

    @classmethod
    def literal(cls, text: str) -> str:
        """Return a literal of a template: plain text, unless it has a meaning in the output."""
        return cls.own(text) if cls.structural and cls.structural.search(text) else text

    @classmethod
    def json(cls, text: str) -> str:
        """Return JSON as ``|tojson`` gives it: a plain text, or as written where it is meant to stand as it is."""
        return text

    @classmethod
    def joined(cls, pieces: Iterable[object]) -> str:
        """Return the pieces as one text: as written, with the others escaped, if any of them is as written.

        Raises:
            RenderLimitExceeded: it grows too long.
        """
        budget = running.get()
        texts = []
        length = 0
        for piece in pieces:
            texts.append(piece if isinstance(piece, str) else str(piece))
            length += len(texts[-1])
            budget.foresee(length)
            budget.spend(len(texts[-1]))
        if any(isinstance(text, Markup) for text in texts):
            return cls.own("".join(map(cls.escape, texts)))
        return "".join(texts)

    __repr__ = str.__repr__


class WrittenText(Written):
    """For messages, in HTML: values cannot make a tag or an entity. Quotes stay as they are."""

    __slots__ = ()
    structural = re.compile("[&<>]")

    @staticmethod
    def encoded(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    @classmethod
    def json(cls, text: str) -> Self:
        return cls.own(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


class WrittenUrl(Written):
    """For URLs: values are percent-encoded, ``/`` too."""

    __slots__ = ()
    structural = re.compile(r"[]/:?#@!$&'()*+,;=%[]")

    @staticmethod
    def encoded(text: str) -> str:
        return quote(text, safe="", errors="replace")


class WrittenData(Written):
    """For request data as one text: a string is escaped for the inside of quotes, any other value is JSON."""

    __slots__ = ()
    structural = re.compile(r'["\\\x00-\x1f]')

    @staticmethod
    def encoded(text: str) -> str:
        return json.dumps(text)[1:-1]

    @classmethod
    def put(cls, value: object) -> Self:
        if value is None or isinstance(value, int | float | list | tuple | dict):
            return cls.own(json.dumps(value, default=str))
        return cls.escape(value)

    @classmethod
    def json(cls, text: str) -> Self:
        return cls.own(text)


class WrittenKeyboard(Written):
    """For keyboards: values are escapes of a Python string, so that they are text inside quotes and nothing outside."""

    __slots__ = ()
    structural = re.compile(r"[][(){}'\"\\,#\n+-]")
    _special = re.compile("[^A-Za-z0-9 ]")

    @classmethod
    def encoded(cls, text: str) -> str:
        return cls._special.sub(_escape_sequence, text)

    @classmethod
    def json(cls, text: str) -> Self:
        return cls.own(text)


def _escape_sequence(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
