"""Networks that an operator names for a provider's calls, and addresses of callers."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from permabots.exceptions import ConfigurationError
from permabots.providers.base.networks import parse_address, parse_networks
from tests.providers.base.test_contract import Least


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        (" ", []),
        ("10.0.0.0/8", ["10.0.0.0/8"]),
        ("10.0.0.7, 2001:db8::/32", ["10.0.0.7/32", "2001:db8::/32"]),
        ("::ffff:127.0.0.0/104, ::ffff:10.0.0.7", ["127.0.0.0/8", "10.0.0.7/32"]),
        ("::ffff:0:0/96, ::/0", ["0.0.0.0/0", "::/0"]),
    ],
)
def test_networks_stand_behind_each_other_with_commas(text: str, networks: list[str]) -> None:
    assert parse_networks("LEAST_ALLOWED_NETWORKS", text) == tuple(map(ip_network, networks))
    assert Least({"allowed_networks": text}).allowed_networks == tuple(map(ip_network, networks))


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "telegram.org", "10.0.0.0/8;10.0.0.1"])
def test_what_is_no_network_is_named_with_its_setting(text: str) -> None:
    with pytest.raises(ConfigurationError, match="LEAST_ALLOWED_NETWORKS: "):
        Least({"allowed_networks": text})


@pytest.mark.parametrize("text", [",", "10.0.0.0/8,", "10.0.0.0/8,,10.0.0.7"])
def test_a_comma_without_a_network_is_told_in_words(text: str) -> None:
    with pytest.raises(ConfigurationError, match="LEAST_ALLOWED_NETWORKS must have a network before and behind each"):
        Least({"allowed_networks": text})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", None),
        ("x", None),
    ],
)
def test_an_ipv4_address_is_one_however_it_is_written(text: str, address: Any) -> None:
    assert parse_address(text) == (None if address is None else ip_address(address))
