"""Replacing secrets in texts that are stored and shown, in every encoding in which they may stand there."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

from permabots.engine.templates.kinds import in_keyboard_quotes

HIDDEN = "[secret]"
PIECE = 8
"""A fragment of a secret is replaced when it is as long as this, in characters."""

_SECRET_NAME = re.compile(r"authoriz|cookie|token|secret|key|passw", re.IGNORECASE)
_IDEMPOTENCY_KEY = "idempotency-key"  # names a message, opens nothing
_USER_INFO = re.compile(r"^([a-z][a-z0-9+.-]*:/*)([^/?#]*)@", re.IGNORECASE)
_QUERY_VALUE = re.compile(r"([?&;]([^=&;#]*)=)([^&;#]+)")
_NAMES = {
    "&": ("&(?:amp;)+",),
    "<": ("&(?:amp;)*lt;",),
    ">": ("&(?:amp;)*gt;",),
    '"': ("&(?:amp;)*(?:quot|#34|#x22);",),
    "'": ("&(?:amp;)*(?:apos|#39|#x27);",),
    " ": (r"\+",),
    "\n": ("n",),
    "\r": ("r",),
    "\t": ("t",),
    "\b": ("b",),
    "\f": ("f",),
}


class Redactor:
    """Replaces secrets in text by `HIDDEN`.

    A secret is found as it is, percent-encoded (any number of times), encoded as in a form, escaped for JSON, HTML or
    Python, and in any mixture of these.

    Args:
        secrets: the texts to replace; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(writing for secret in secrets for writing in (secret, secret.strip()) if writing)
        self._pattern = _pattern(self._secrets)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._secrets)} secrets)"

    def with_secrets(self, secrets: Iterable[str]) -> Redactor:
        """Return a redactor that replaces these secrets too."""
        more = Redactor(self._secrets.union(secrets))
        return self if more._secrets == self._secrets else more

    def text(self, text: str) -> str:
        """Return a text without the secrets."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def redact_fragments(self, text: str) -> str:
        """Return a text without the secrets and without their fragments of `PIECE` characters and more.

        For error messages, which quote other texts and may cut them in the middle of a secret.
        """
        text = self.text(text)
        for secret in self._secrets:
            text = _without_pieces(text, set(_whole_writings(secret)))
        return text


def is_secret_name(name: str) -> bool:
    """Return whether a header or query parameter of this name holds a secret, judged by its name."""
    return _SECRET_NAME.search(name) is not None and name.lower() != _IDEMPOTENCY_KEY


def shown_address(url: str) -> str:
    """Return a URL without user name and password, and without the values of query parameters with a secret's name."""
    return _QUERY_VALUE.sub(_shown_value, _USER_INFO.sub(rf"\1{HIDDEN}@", url))


def credentials(url: str) -> tuple[str, ...]:
    """Return the password of a URL, and user name and password as basic authentication sends them; () for none."""
    user_info = _USER_INFO.match(url)
    if user_info is None:
        return ()
    both = unquote(user_info[2])
    return both.partition(":")[2], b64encode(both.encode("latin-1", "replace")).decode()


def _whole_writings(secret: str) -> Iterator[str]:
    """Yield the encodings of a secret in texts that an error message may quote: plain, JSON, address and keyboard."""
    for writing in (
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe="", errors="replace"),
        in_keyboard_quotes(secret),
    ):
        yield writing
        yield repr(writing)[1:-1]


def _shown_value(parameter: re.Match[str]) -> str:
    return parameter[1] + HIDDEN if is_secret_name(unquote_plus(parameter[2])) else parameter[0]


def _without_pieces(text: str, writings: set[str]) -> str:
    pieces = {writing[i : i + PIECE] for writing in writings for i in range(len(writing) - PIECE + 1)}
    redacted, rest = "", text
    while rest:
        end = 0
        while rest[end : end + PIECE] in pieces:
            end += 1
        redacted += HIDDEN if end else rest[0]
        rest = rest[end + PIECE - 1 if end else 1 :]
    return redacted


@lru_cache(maxsize=256)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """Compile the regular expression that finds the secrets, the longest first: one may be part of another."""
    longest_first = sorted(secrets, key=lambda secret: (-len(secret), secret))
    return re.compile("|".join(map(_all_spellings, longest_first))) if secrets else None


def _all_spellings(secret: str) -> str:
    """Return a regular expression for the ways to write a secret.

    Every level of escaping doubles backslashes, so a run of backslashes matches a run of any length. A run is matched
    possessively and from its first backslash on, so no text can make the search slow.
    """
    tail = secret.lstrip("\\")
    if not tail:
        return r"(?:\\|%(?:25)*5[cC])++"
    first, *others = re.findall(r"\\+|[^\\]", tail)
    leading = "" if _is_plain(secret[0]) else r"(?:(?<!\\)\\++)?"
    return leading + _spellings(first) + "".join(_escape_of(part) + _spellings(part) for part in others)


def _is_plain(char: str) -> bool:
    """Whether no notation escapes a character: an ASCII letter or digit."""
    return char.isascii() and char.isalnum()


def _escape_of(part: str) -> str:
    """Return a regular expression for the backslashes before a character, which may be percent-encoded themselves."""
    if _is_plain(part[0]) or part.startswith("\\"):
        return ""
    # A percent sign before 5c may be the secret's own, so it is not taken for part of a backslash.
    return r"\\*+" if part == "%" else r"(?:\\|%(?:25)*5[cC])*+"


@lru_cache(maxsize=1024)
def _spellings(part: str) -> str:
    """Return a regular expression for the ways to write one character, or one run of backslashes."""
    if _is_plain(part[0]):
        return part
    if part.startswith("\\"):
        return r"(?:\\|(?i:%(?:25)*5c|u005c|x5c))++"
    return rf"(?:{re.escape(part)}|(?i:{'|'.join(_codes(part))}))"


def _codes(char: str) -> Iterator[str]:
    """Yield regular expressions for a character written by number or by name, without the backslash before it."""
    number = ord(char)
    yield "".join(f"%(?:25)*{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    yield r"(?:\\|%(?:25)*5c)++".join(
        f"u{unit}" for unit in char.encode("utf-16-be", "surrogatepass").hex("|", 2).split("|")
    )
    yield f"U{number:08x}"
    if number < 256:
        yield f"x{number:02x}"
    yield from _NAMES.get(char, ())
