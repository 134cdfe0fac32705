"""The addresses that a button may open at Telegram.

The rules are those of TDLib, on which the Bot API runs (``LinkManager::check_link`` and ``parse_url`` in
``HttpUrl.cpp``): the port is a number up to 65535, the host has a dot and only certain characters. Telegram also
refuses a host in brackets (IPv6), which is known from experiments.
"""

from __future__ import annotations

import re

_AUTHORITY = re.compile(r"[^/?#]*")
_HOST = re.compile(r"(?:[a-z0-9._!$,~*'();&+=-]|%[0-9a-f]{2}|[^\x00-\x7f])+")
_TG_HOST = re.compile(r"[a-z0-9_-]+")
_PORT = re.compile(r"0*([0-9]{1,5})")
_LAST_PORT = 65_535


def opens(url: str) -> bool:
    """Return whether a button may have this address. Telegram refuses a whole message with a button for another one."""
    scheme, _, rest = url.partition("://")
    authority = _AUTHORITY.match(rest)
    host = authority[0].lower() if authority else ""
    match scheme.lower():
        case "tg":
            return _TG_HOST.fullmatch(host) is not None and not host.startswith("http")
        case "http" | "https":
            return _is_host(host)
    return False


def _is_host(authority: str) -> bool:
    before, colon, port = authority.rpartition(":")
    host = authority
    if colon and before and not any(sign in port for sign in "]@"):
        digits = _PORT.fullmatch(port)
        if digits is None or not 0 < int(digits[1]) <= _LAST_PORT:
            return False
        host = before
    host = host.rpartition("@")[2]
    return "." in host and host != "." and _HOST.fullmatch(host) is not None
