"""Comparing secrets and signatures in constant time: how long it takes tells nothing about how much of it was right."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal


def matches(presented: str, *secrets: str) -> bool:
    """Whether a presented secret is one of ours.

    Every secret is compared, whichever matches. An empty secret is none: it matches nothing, not even "".

    Args:
        presented: what the caller sent.
        secrets: the ones that are valid; "" where none is stored.
    """
    found = False
    for secret in secrets:
        found |= bool(secret) & hmac.compare_digest(_bytes(presented), _bytes(secret))
    return found


def signed(body: bytes, key: str, algorithm: Literal["sha1", "sha256"]) -> str:
    """Return the HMAC of raw bytes in hexadecimal, lower case."""
    return hmac.new(_bytes(key), body, getattr(hashlib, algorithm)).hexdigest()


def signature_matches(presented: str, body: bytes, key: str, algorithm: Literal["sha1", "sha256"]) -> bool:
    """Whether a hexadecimal HMAC, in either case, is the one of these raw bytes. An empty key signs nothing.

    Args:
        presented: the signature as it was sent, without a prefix.
        body: the raw bytes, as they came.
        key: the shared secret.
        algorithm: the hash under the HMAC.
    """
    return bool(key) & hmac.compare_digest(_bytes(presented.lower()), _bytes(signed(body, key, algorithm)))


def _bytes(text: str) -> bytes:
    # compare_digest takes text only when it is ASCII, and headers come from anybody.
    return text.encode("utf-8", "surrogatepass")
