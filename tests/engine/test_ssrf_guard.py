"""Which addresses may be called: the guard alone, with look-ups that the tests answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.engine.http.ssrf_guard import Guard
from permabots.exceptions import RequestFailed
from tests.engine.fake_network import FakeNetwork

PUBLIC = "93.184.216.34"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    fake = FakeNetwork(monkeypatch)
    yield fake
    fake.close()


def refusal(host: str, *allowed: str, port: int = 80) -> str:
    with pytest.raises(RequestFailed) as caught:
        Guard(allowed).addresses(host, port, 1.0)
    return str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC,
        "8.8.8.8",
        "2606:4700::6810:84e5",
        "::ffff:8.8.8.8",  # IPv4 in IPv6 notation
        "64:ff9b::808:808",  # the same by NAT64
        "2002:808:808::1",  # by 6to4
    ],
)
def test_a_public_address_is_let_through(address: str) -> None:
    assert Guard().addresses(address, 80, 1.0) == (address,)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "::",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:808:808::80ff:fffe",  # Teredo whose client is 127.0.0.1
        "2001:0:a00:1::f7f7:f7f7",  # Teredo whose server is 10.0.0.1
    ],
)
def test_an_address_within_a_private_network_is_refused(address: str) -> None:
    assert refusal(address) == f"{address} is a private address"


@pytest.mark.parametrize(
    "address",
    [
        "100.64.0.1",
        "224.0.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "ff02::1",
        "fec0::1",
        "::7f00:1",
        "64:ff9b:1::7f00:1",
        "5f00::1",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert refusal(address).startswith(f"{address} is ")


SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "64:ff9b:1::/48", "100::/64"),
    *("100:0:0:1::/64", "2001:1::/32", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28"),
    *("2001:30::/28", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]
"""The networks of IANA's two registries of special-purpose addresses, and of multicast, that nobody's API is in: also
those that are forwarded. Those that stand for an IPv4 address (``::ffff:0:0/96``, ``64:ff9b::/96``, Teredo, 6to4) are
judged by it; those of AS112 and of AMT relays (``192.31.196.0/24``, ``2620:4f:8000::/48``) are public servers."""


@pytest.mark.parametrize("network", SPECIAL)
def test_no_address_of_a_special_network_is_called_whatever_this_python_knows_of_it(network: str) -> None:
    whole = ip_network(network)
    for place in (0, 1, whole.num_addresses // 2, whole.num_addresses - 1):
        address = str(whole[min(place, whole.num_addresses - 1)])
        assert refusal(address).startswith(f"{address} is ")


@given(st.sampled_from(["10.0.0.0", "127.0.0.0", "192.168.0.0", "169.254.0.0"]), st.integers(0, 0xFFFF))
def test_no_way_to_write_a_private_ipv4_address_as_ipv6_gets_through(network: str, offset: int) -> None:
    inner = int(IPv4Address(network)) + offset
    for outer in (0xFFFF << 32 | inner, 0x64FF9B << 96 | inner, 0x2002 << 112 | inner << 80, inner):
        with pytest.raises(RequestFailed):
            Guard().addresses(str(IPv6Address(outer)), 80, 1.0)


def test_a_name_is_looked_up_and_its_addresses_are_returned_once_each(network: FakeNetwork) -> None:
    network.names["api.example"] = [[PUBLIC, PUBLIC, "8.8.8.8"]]
    assert Guard().addresses("api.example", 80, 1.0) == (PUBLIC, "8.8.8.8")


def test_a_name_that_leads_to_a_private_address_is_refused(network: FakeNetwork) -> None:
    network.names["evil.example"] = [["127.0.0.1"]]
    assert refusal("evil.example") == "evil.example leads to a private address"


def test_a_name_with_one_private_address_among_public_ones_is_refused(network: FakeNetwork) -> None:
    network.names["mixed.example"] = [[PUBLIC, "10.0.0.1"]]
    assert refusal("mixed.example") == "mixed.example leads to a private address"


def test_an_unknown_name_is_told(network: FakeNetwork) -> None:
    assert refusal("nobody.example") == "the host nobody.example is not known"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_what_can_be_no_name_is_told(host: str) -> None:
    assert refusal(host) == f"the host {host} is not known"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1"])
def test_other_ways_to_write_an_ipv4_address_are_judged_by_what_they_mean(host: str) -> None:
    assert refusal(host) == f"{host} leads to a private address"


def test_localhost_is_refused() -> None:
    assert refusal("localhost") == "localhost leads to a private address"


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: released.wait(30) and [])
    with pytest.raises(RequestFailed, match=r"the name slow\.example was not looked up within 0\.05 s"):
        Guard().addresses("slow.example", 80, 0.05)
    released.set()


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:80", "::1"),
        ("[::1]", "::1"),
        ("::1", "0:0:0:0:0:0:0:1"),
        ("127.0.0.0/8", "127.0.0.1"),
        ("::1/128", "::1"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
    ],
)
def test_an_allowed_host_or_network_is_let_through(entry: str, host: str) -> None:
    assert len(Guard([entry]).addresses(host, 80, 1.0)) == 1


@pytest.mark.parametrize("entry", ["intern.example", "INTERN.example.", "intern.example:80", "10.0.0.0/8"])
@pytest.mark.parametrize("host", ["intern.example", "Intern.Example."])
def test_an_allowed_name_may_lead_into_a_private_network(network: FakeNetwork, entry: str, host: str) -> None:
    network.names[host] = [["10.0.0.7"]]
    assert Guard([entry]).addresses(host, 80, 1.0) == ("10.0.0.7",)


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("127.0.0.1:8080", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("10.0.0.0/8", "127.0.0.1"),
        ("10.0.0.0/8", "::1"),
        ("example", "127.0.0.1"),
    ],
)
def test_what_is_allowed_allows_nothing_else(entry: str, host: str) -> None:
    assert refusal(host, entry) == f"{host} is a private address"


def test_an_allowed_address_does_not_allow_names_that_lead_to_it(network: FakeNetwork) -> None:
    network.names["evil.example"] = [["127.0.0.1"]]
    assert refusal("evil.example", "127.0.0.1") == "evil.example leads to a private address"


def test_an_entry_that_is_no_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        Guard(["intern/8"])
