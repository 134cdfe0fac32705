"""The networks that a provider calls from, where an operator has named some."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from permabots.exceptions import ConfigurationError

_MAPPED_BITS = 96
"""How long the prefix of IPv4 addresses in IPv6 is: ``::ffff:0:0/96``."""
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]


def parse_networks(key: str, text: str) -> Networks:
    """Return the networks that a setting names.

    Args:
        key: the setting.
        text: networks and single addresses, with commas between them; "" for none.

    Raises:
        ConfigurationError: one of them is no network.
    """
    if not text.strip():
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ConfigurationError(f"{key} must have a network before and behind each comma")
    try:
        return tuple(_network(part) for part in parts)
    except ValueError as error:
        raise ConfigurationError(f"{key}: {error}") from error


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4 address for one that is written as IPv6; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _network(text: str) -> IPv4Network | IPv6Network:
    """Return a network, an IPv4 network for one that is written as IPv6: `parse_address` does so with addresses."""
    network = ip_network(text)
    inner = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if inner is None or network.prefixlen < _MAPPED_BITS:
        return network
    return IPv4Network((inner, network.prefixlen - _MAPPED_BITS))
