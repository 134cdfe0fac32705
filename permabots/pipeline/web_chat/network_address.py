"""From which network somebody calls, as far as it is known: kept as a digest that is another one the next day."""

from __future__ import annotations

import ipaddress
import time
from functools import cache

from django.utils.crypto import salted_hmac

from permabots import logs
from permabots.conf import get_config

logger = logs.get_logger(__name__)

HOST_BITS = 64
"""Bits of an IPv6 address that its owner chooses: providers give each customer 2**64 addresses at least."""
_DAY = 86_400


def key_of(remote: str, forwarded: str) -> str | None:
    """Return what limits count a caller's network by; None where the network is not known.

    Args:
        remote: the address of the connection, "" where the server tells none.
        forwarded: the header ``X-Forwarded-For``, "" for none.
    """
    proxies = get_config().webchat_trusted_proxies
    if is_untold_proxy(remote, forwarded, proxies):
        _tell_once()
        return None
    network = network_of(address(remote, forwarded, proxies))
    if network is None:
        return None
    day = int(time.time() // _DAY)
    return salted_hmac(f"permabots.web_chat.address.{day}", network, algorithm="sha256").hexdigest()


def address(remote: str, forwarded: str, proxies: int) -> str:
    """Return the address that the outermost of our proxies saw, as text; that of the connection without proxies.

    Args:
        remote: the address of the connection.
        forwarded: the header ``X-Forwarded-For``: each proxy writes behind it whom it was called by.
        proxies: how many of them are ours. What stands further left is whatever the caller wrote.
    """
    seen = [it.strip() for it in forwarded.split(",") if it.strip()]
    return seen[-min(proxies, len(seen))] if proxies and seen else remote


def is_untold_proxy(remote: str, forwarded: str, proxies: int) -> bool:
    """Return whether a call came by a proxy that the settings do not count: its address would stand for everybody's."""
    if proxies or not forwarded.strip():
        return False
    found = _parsed(remote)
    return found is None or not found.is_global


def network_of(written: str) -> str | None:
    """Return the network of an address: an IPv4 address, or the first half of one of IPv6. None for what is neither."""
    found = _parsed(written)
    if found is None or isinstance(found, ipaddress.IPv4Address):
        return None if found is None else str(found)
    return str(ipaddress.IPv6Network((found, HOST_BITS), strict=False))


def _parsed(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address; without the port that some proxies write behind it. An IPv4 address in IPv6 is that one."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


@cache
def _tell_once() -> None:
    logger.warning(
        "calls of the web chat come through a proxy that WEBCHAT_TRUSTED_PROXIES does not count: no limit by address"
    )
