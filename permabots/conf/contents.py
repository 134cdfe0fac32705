"""What may stand in those entries of ``settings.PERMABOTS`` whose values have a form."""

from __future__ import annotations

import binascii
import ipaddress
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

_FERNET_KEY_BYTES = 32
_MAY_BE_ZERO = frozenset(
    {"REQUEST_CONCURRENCY", "BREAKER_FAILURES", "RETENTION_BUTTON_DAYS", "RETENTION_CONTEXT_DAYS"}
    | {"RETENTION_EVENT_DAYS", "SIMULATIONS", "SIMULATIONS_PER_AUTHOR", "WEBHOOK_RATE", "WORKER_DEATHS"}
)


def content_problem(name: str, value: Any) -> str | None:
    """Return what is wrong with a text or a list of texts, None for nothing.

    Args:
        name: the entry's name in the settings.
        value: what stands there; its type is right.
    """
    check = _CHECKS.get(name)
    return check(value) if check else None


def number_problem(name: str, value: Any, kind: Any) -> str | None:
    """Return what is wrong with a number, None for nothing.

    Args:
        name: the entry's name in the settings.
        value: what stands there.
        kind: the types that it may have.
    """
    zero = name in _MAY_BE_ZERO
    if isinstance(value, kind) and not isinstance(value, bool) and (value > 0 or (zero and value == 0)):
        return None
    return f"{name} must be {'0 or ' if zero else ''}a number above 0"


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


def _proxy_problem(url: str | None) -> str | None:
    """Say what is wrong with a proxy, without its address: that may hold a password."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    plain = fits and parts.path in {"", "/"} and not (parts.query or parts.fragment)
    return None if plain else "REQUEST_PROXY must be http://host:port, or None"


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "REQUEST_ALLOWED_HOSTS": _host_problem,
    "REQUEST_PROXY": _proxy_problem,
    "ENCRYPTION_KEYS": _key_problem,
}
