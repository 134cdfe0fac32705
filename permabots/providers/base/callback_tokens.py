"""Tokens that stand for button data which is too long for a provider: the token travels, the data stays here."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

PREFIX = "kept:"
LENGTH = len(PREFIX) + 32
"""Bytes of a token: all ASCII, so characters too."""

_DIGEST_BYTES = 24  # 192 bits, 32 characters of base64 without padding
_TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{32}")


def shorten(data: str, limit: int) -> tuple[str, Mapping[str, str]]:
    """Return what goes over the wire for a button's data.

    The same data gives the same token, so showing a keyboard twice keeps one entry. Data that looks like a token is
    replaced too: what comes back and looks like one then always is one.

    Args:
        data: what the button's author wants back.
        limit: bytes of UTF-8 that the provider takes; at least `LENGTH`.

    Returns:
        The data or its token, and what to keep: ``{token: data}``, or nothing where the data itself travels.
    """
    encoded = data.encode("utf-8", "surrogatepass")
    if len(encoded) <= limit and not is_token(data):
        return data, {}
    digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).digest()
    token = PREFIX + base64.urlsafe_b64encode(digest).decode("ascii")
    return token, {token: data}


def is_token(data: str) -> bool:
    """Whether a text has the form of a token."""
    return _TOKEN.fullmatch(data) is not None
