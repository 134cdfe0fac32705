"""The networks that a provider calls from, where an operator has named some."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from permabots.exceptions import ConfigurationError

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]


def parse_networks(key: str, text: str) -> Networks:
    """Return the networks that a setting names.

    Args:
        key: the setting.
        text: networks and single addresses, with commas between them; "" for none.

    Raises:
        ConfigurationError: one of them is no network.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if text.strip())
    except ValueError as error:
        raise ConfigurationError(f"{key}: {error}") from error


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4 address for one that is written as IPv6; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
