"""What may stand in those entries of ``settings.PERMABOTS`` whose values have a form."""

from __future__ import annotations

import binascii
import ipaddress
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

_FERNET_KEY_BYTES = 32
_TOKEN = re.compile(r"[!-~]*")
"""What a header can carry behind ``Bearer``: a server strips blanks at its ends, and only ASCII is sure to arrive."""
_POLICY = re.compile(r"[ -~]*")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


def content_problem(name: str, value: Any) -> str | None:
    """Return what is wrong with a text or a list of texts, None for nothing.

    Args:
        name: the entry's name in the settings.
        value: what stands there; its type is right.
    """
    check = _CHECKS.get(name)
    return check(value) if check else None


def option_problem(key: str, value: Any) -> str | None:
    """Return what is wrong with an option of a provider, None for nothing. What only one provider reads, it checks.

    Args:
        key: the option's name in the settings.
        value: what stands there.
    """
    if not isinstance(value, str | int | float):
        return f"{key} must be a text, a number, True or False"
    if key.endswith("_API_URL") and not _is_server(str(value), ("http", "https")):
        return f"{key} must be an http or https URL, without a query"
    return None


def _host_problem(hosts: Sequence[str]) -> str | None:
    for place, host in enumerate(hosts):
        if not host or any(character.isspace() for character in host):
            return f"REQUEST_ALLOWED_HOSTS: item {place} is empty or has blanks"
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
    if url is None or (_is_server(url, ("http",)) and urlsplit(url).path in {"", "/"}):
        return None
    return "REQUEST_PROXY must be http://host:port, or None"


def _is_server(url: str, schemes: Sequence[str]) -> bool:
    """Whether a text is the URL of a server: paths can be put behind it."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fits and not (parts.query or parts.fragment or any(character.isspace() for character in url))


def _authentication_problem(classes: Sequence[str]) -> str | None:
    return None if classes else "API_AUTHENTICATION_CLASSES must name one at least: else nobody can call the REST API"


def _token_problem(token: str | None) -> str | None:
    """Say that no caller can send a token, without the token."""
    if token is None or _TOKEN.fullmatch(token):
        return None
    return "METRICS_TOKEN must be ASCII letters, digits and signs without blanks: no header has any other"


def _policy_problem(policy: str | None) -> str | None:
    if policy is None or _POLICY.fullmatch(policy):
        return None
    return "CONTENT_SECURITY_POLICY must be one line of ASCII characters"


def _path_problem(path: str | None) -> str | None:
    if path is None or _DOTTED.fullmatch(path):
        return None
    return "WEBCHAT_ADMIT must be the dotted path of a function, such as 'shop.captcha.admit'"


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "API_AUTHENTICATION_CLASSES": _authentication_problem,
    "CONTENT_SECURITY_POLICY": _policy_problem,
    "ENCRYPTION_KEYS": _key_problem,
    "METRICS_TOKEN": _token_problem,
    "REQUEST_ALLOWED_HOSTS": _host_problem,
    "REQUEST_PROXY": _proxy_problem,
    "WEBCHAT_ADMIT": _path_problem,
}
