"""The keys of API tokens: ``permabots_``, 43 random characters, and a checksum of 6.

The prefix and the checksum let a scanner for leaked secrets find a key by ``permabots_[0-9A-Za-z]{49}`` with hardly a
false alarm, and a mistyped key is refused without a query.

A key is stored as its plain SHA-256. Salt and a slow hash are for passwords, which people choose and others guess; 256
random bits cannot be guessed. No key of the project goes into the digest, so that replacing ``SECRET_KEY`` ends no
token.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

PREFIX = "permabots_"
_ALPHABET = string.digits + string.ascii_letters
_RANDOM = 43
"""Characters out of 62: 256 bits."""
_CHECKSUM = 6
"""Characters out of 62 for the 32 bits of a CRC."""
_SHOWN = 6
"""Random characters that are stored in clear: 220 bits stay unknown."""


def new_key() -> str:
    """Return a new random key."""
    key = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return key + _checksum(key)


def is_well_formed(key: str) -> bool:
    """Return whether a text can be a key: its form and its checksum are right."""
    if len(key) != len(PREFIX) + _RANDOM + _CHECKSUM or not key.startswith(PREFIX) or not key.isascii():
        return False
    return key[-_CHECKSUM:] == _checksum(key[:-_CHECKSUM])


def digest(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def beginning(key: str) -> str:
    """Return the part of a key by which people recognize it."""
    return key[: len(PREFIX) + _SHOWN]


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits
