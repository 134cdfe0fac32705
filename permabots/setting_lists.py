"""What may stand in those lists of ``settings.PERMABOTS`` whose items have a form."""

from __future__ import annotations

import binascii
import ipaddress
from base64 import urlsafe_b64decode
from collections.abc import Sequence

_FERNET_KEY_BYTES = 32


def content_problem(name: str, items: Sequence[str]) -> str | None:
    """Return what is wrong with the items of a list, None for nothing.

    Args:
        name: the list's name in the settings.
        items: its texts.
    """
    check = _CHECKS.get(name)
    return check(items) if check else None


def _host_problem(hosts: Sequence[str]) -> str | None:
    for host in hosts:
        if "/" in host:
            try:
                ipaddress.ip_network(host)
            except ValueError as error:
                return f"REQUEST_ALLOWED_HOSTS: {error}"
    return None


def _key_problem(keys: Sequence[str]) -> str | None:
    """Say which key is none, by its place: the key itself belongs into no error."""
    for place, key in enumerate(keys):
        if not _is_fernet_key(key):
            return f"ENCRYPTION_KEYS: item {place} is no Fernet key (32 random bytes in URL-safe base64)"
    return None


def _is_fernet_key(key: str) -> bool:
    try:
        return len(urlsafe_b64decode(key)) == _FERNET_KEY_BYTES
    except (binascii.Error, TypeError, ValueError):
        return False


_CHECKS = {"REQUEST_ALLOWED_HOSTS": _host_problem, "ENCRYPTION_KEYS": _key_problem}
