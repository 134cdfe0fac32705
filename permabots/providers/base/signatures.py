"""Comparing secrets and signatures in constant time: the duration does not depend on how much of a secret is right."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal


def matches(presented: str, *secrets: str) -> bool:
    """Return whether a presented secret is valid.

    Every valid secret is compared, also after a match. An empty secret never matches, not even "".

    Args:
        presented: the secret that the caller sent.
        secrets: the valid secrets; "" where none is stored.
    """
    valid = False
    for secret in secrets:
        valid |= bool(secret) & hmac.compare_digest(_bytes(presented), _bytes(secret))
    return valid


def signed(body: bytes, key: str, algorithm: Literal["sha1", "sha256"]) -> str:
    """Return the HMAC of raw bytes, hexadecimal in lower case.

    Args:
        body: the raw bytes.
        key: the shared secret.
        algorithm: the hash of the HMAC.
    """
    return hmac.new(_bytes(key), body, getattr(hashlib, algorithm)).hexdigest()


def signature_matches(presented: str, body: bytes, key: str, algorithm: Literal["sha1", "sha256"]) -> bool:
    """Return whether a signature is the HMAC of raw bytes. With an empty key no signature is valid.

    Args:
        presented: the signature that the caller sent, hexadecimal in either case, without a prefix.
        body: the raw bytes, as they came.
        key: the shared secret.
        algorithm: the hash of the HMAC.
    """
    return bool(key) & hmac.compare_digest(_bytes(presented.lower()), _bytes(signed(body, key, algorithm)))


def _bytes(text: str) -> bytes:
    # compare_digest takes only ASCII text, and a caller may send any text in a header.
    return text.encode("utf-8", "surrogatepass")
