"""Tokens for button data that is too long for a provider: the token is sent, and the data is stored."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

PREFIX = "kept:"
LENGTH = len(PREFIX) + 32
"""The length of a token, in bytes and in characters: all are ASCII."""

_DIGEST_BYTES = 24  # 192 bits, 32 characters of base64 without padding
_TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{32}")


def shorten(data: str, limit: int) -> tuple[str, Mapping[str, str]]:
    """Return the text to send for a button's data: the data itself, or a token for it.

    The same data always gives the same token, so a keyboard that is sent twice is stored once. Data with the form of a
    token gets a token too, so that a received text with this form is always a token.

    Args:
        data: the button's data.
        limit: the longest data of the provider, in bytes of UTF-8; at least `LENGTH`.

    Returns:
        The text to send, and the data to store by token; empty where the data itself is sent.
    """
    encoded = data.encode("utf-8", "surrogatepass")
    if len(encoded) <= limit and not is_token(data):
        return data, {}
    digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).digest()
    token = PREFIX + base64.urlsafe_b64encode(digest).decode("ascii")
    return token, {token: data}


def is_token(data: str) -> bool:
    """Return whether a text has the form of a token."""
    return _TOKEN.fullmatch(data) is not None
