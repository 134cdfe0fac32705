"""Who a person is, as the site says on which they talk: a text that the site signs with the chat's secret.

``base64url(JSON of {"id", "name", "exp"}) + "." + hex HMAC-SHA256(secret, slug + "." + the first part)``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass

from permabots.exceptions import WebChatRefused
from permabots.models import WebBot
from permabots.strict_json import loads
from permabots.values import storable

LONGEST = 2000
LONGEST_ID = 100
LONGEST_NAME = 100
LONGEST_LIFE = 24 * 3600 + 60
"""Seconds that a signature may be valid from now: a day, and a minute for clocks that differ."""

WRONG = "The signature of the identity is wrong."
EXPIRED = "The identity has expired: the site must sign it anew."
_MALFORMED = "The identity is not as a site signs it."


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """Who a site says a person is.

    Args:
        id: the site's id of the person.
        name: their name, "" for none.
    """

    id: str
    name: str


def sign(chat: str, secret: str, content: bytes) -> str:
    """Return an identity as a site signs it.

    Args:
        chat: the slug of the web chat.
        secret: its identity secret.
        content: the JSON of ``{id, name, exp}``; ``exp`` in seconds since 1970.
    """
    first = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    return f"{first}.{_signature(chat, secret, first)}"


def verified(row: WebBot, signed: str) -> SignedIdentity:
    """Return the identity in a text that a site has signed.

    Args:
        row: the web chat.
        signed: the text.

    Raises:
        WebChatRefused: with 401; it is not signed with a secret of this chat, or has expired. Nobody becomes anonymous
            that way.
        SecretUnreadable: no key decrypts the chat's secret.
    """
    first, dot, signature = signed.partition(".")
    if not dot or len(signed) > LONGEST or not signed.isascii():
        raise WebChatRefused(_MALFORMED, status=401)
    known = [secret for secret in (row.identity_secret, row.previous_identity_secret) if secret]
    if not any(hmac.compare_digest(_signature(row.slug, secret, first), signature) for secret in known):
        raise WebChatRefused(WRONG, status=401)
    return _read(first)


def _signature(chat: str, secret: str, first: str) -> str:
    return hmac.new(secret.encode(), f"{chat}.{first}".encode(), hashlib.sha256).hexdigest()


def _read(first: str) -> SignedIdentity:
    try:
        content = loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise WebChatRefused(_MALFORMED, status=401) from None
    values = content if isinstance(content, dict) else {}
    person, name, ends = values.get("id"), values.get("name", ""), values.get("exp")
    if not (isinstance(person, str) and 0 < len(person) <= LONGEST_ID and isinstance(name, str)):
        raise WebChatRefused(_MALFORMED, status=401)
    if any(ord(it) < ord(" ") for it in person) or storable(person) != person:  # would be stored as somebody else's
        raise WebChatRefused(_MALFORMED, status=401)
    if isinstance(ends, bool) or not isinstance(ends, int | float) or ends > time.time() + LONGEST_LIFE:
        raise WebChatRefused("The identity needs exp, a time of at most 24 hours from now.", status=401)
    if ends <= time.time():
        raise WebChatRefused(EXPIRED, status=401)
    return SignedIdentity(person, str(storable(name))[:LONGEST_NAME])
