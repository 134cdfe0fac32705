"""Encryption of what is secret in the database, by Fernet: AES-128 in CBC mode, authenticated with HMAC-SHA256.

The first key of ``PERMABOTS["ENCRYPTION_KEYS"]`` encrypts. All of them decrypt, and so do keys that are derived from
``SECRET_KEY`` and ``SECRET_KEY_FALLBACKS``: a project that sets no keys uses the first of these, and one that begins
to set keys can still read what it has.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from permabots.conf import get_config
from permabots.exceptions import SecretUnreadable

CACHED = 4096
"""Decrypted secrets that a process keeps: a look-up takes a hundredth of the time that decrypting takes."""
_PURPOSE = b"permabots: secrets in the database"


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A secret as it is stored. It shows nothing of itself to whoever logs or prints it.

    Args:
        text: the encrypted text.
    """

    text: str

    def __repr__(self) -> str:
        return "<encrypted>"

    def decrypt(self) -> str:
        """Return the secret.

        Raises:
            SecretUnreadable: no key decrypts it.
        """
        return _keys().decrypt(self.text)


def encrypt(secret: str) -> Encrypted:
    """Encrypt a secret with the first key. Two encryptions of one secret differ."""
    return Encrypted(_keys().first.encrypt(secret.encode()).decode())


def rotated(stored: Encrypted) -> Encrypted:
    """Return a stored secret encrypted with the first key: the same object where it is already.

    Raises:
        SecretUnreadable: no key decrypts it.
    """
    try:
        _keys().first.decrypt(stored.text)
    except InvalidToken:
        return encrypt(stored.decrypt())
    return stored


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys in force.

    Args:
        source: the values of the settings that they come from.
        first: encrypts.
        decrypt: returns the secret of a stored text.
    """

    source: tuple[Any, ...]
    first: Fernet
    decrypt: Callable[[str], str]


_latest: list[_Keys | None] = [None]
"""The keys as they were read last. What they decrypted is kept beside them, and forgotten with them."""


def _keys() -> _Keys:
    source = (get_config().encryption_keys, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS)
    found = _latest[0]
    if found is None or found.source != source:
        found = _latest[0] = _read(*source)
    return found


def _read(configured: tuple[str, ...], secret_key: str | bytes, fallbacks: list[str | bytes]) -> _Keys:
    derived = [_derived(force_bytes(secret)) for secret in (secret_key, *fallbacks)]
    ciphers = [*(Fernet(key) for key in configured), *derived]
    every = MultiFernet(ciphers)

    @lru_cache(maxsize=CACHED)
    def decrypt(text: str) -> str:
        try:
            return every.decrypt(text).decode()
        except InvalidToken:
            raise SecretUnreadable from None

    return _Keys((configured, secret_key, [*fallbacks]), ciphers[0], decrypt)


def _derived(secret: bytes) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    return Fernet(urlsafe_b64encode(key))
