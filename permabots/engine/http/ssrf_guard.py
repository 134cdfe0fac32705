"""The addresses that bots may call: public ones, and the hosts and networks that the operator allows.

A name is looked up once, every address of the result is checked, and the caller connects to a checked address: there is
no second look-up, whose result could differ.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from queue import Empty, SimpleQueue

from permabots.exceptions import NoResponse, RequestFailed

Ip = IPv4Address | IPv6Address

_IPV6_IN_USE = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER: tuple[IPv4Network | IPv6Network, ...] = (
    IPv6Network("2001::/23"),  # protocol assignments: nobody's API, though some of it counts as global
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation, since 2024: Python does not know it yet
    IPv4Network("192.0.0.0/24"),  # protocol assignments and a cloud's metadata service; Python calls some of it global
    IPv4Network("192.88.99.0/24"),  # deprecated 6to4 relays
    IPv4Network("168.63.129.16/32"),  # a public address, but inside Azure the host's own controller
)


class Guard:
    """Checks the addresses that requests connect to.

    Args:
        allowed_hosts: exemptions: ``host`` for any port, ``host:port``, ``[::1]:port``, or a network like
            ``10.0.0.0/8``. A host is compared as it stands in the URL; a network allows every name with an address in
            it.

    Raises:
        ValueError: an entry with a slash is not a network.
    """

    def __init__(self, allowed_hosts: Iterable[str] = ()) -> None:
        entries = tuple(allowed_hosts)
        self._networks = tuple(ipaddress.ip_network(entry) for entry in entries if "/" in entry)
        self._hosts = frozenset(_host_and_port(entry) for entry in entries if "/" not in entry)

    def addresses(self, host: str, port: int, timeout: float) -> tuple[str, ...]:
        """Look a host up and return its addresses, all of them allowed, in the order to try them.

        Args:
            host: a name, or an address without brackets.
            port: the port of the connection.
            timeout: seconds the look-up may take.

        Raises:
            RequestFailed: an address of the host is not public and not exempt.
            NoResponse: the name does not exist, or the resolver did not answer in time.
        """
        addresses = (host,) if _parsed(host) else _look_up(host, port, timeout)
        if not self._exempt(host, port):
            for address in addresses:
                self._check(host, address)
        return addresses

    def _exempt(self, host: str, port: int) -> bool:
        name = _canonical(host)
        return (name, None) in self._hosts or (name, port) in self._hosts

    def _check(self, host: str, address: str) -> None:
        ip = ipaddress.ip_address(address)
        if self._inside(ip) or all(_is_public(inner) or self._inside(inner) for inner in _meant(ip)):
            return
        kind = "a private address" if any(inner.is_private for inner in _meant(ip)) else "no public address"
        # Authors read this: what a name leads to would tell them the addresses in the operator's network.
        raise RequestFailed(f"{host} {'is' if _parsed(host) else 'leads to'} {kind}")

    def _inside(self, ip: Ip) -> bool:
        return any(ip in network for network in self._networks)


def _is_public(ip: Ip) -> bool:
    if ip.is_multicast or not ip.is_global:
        return False
    if isinstance(ip, IPv6Address) and ip not in _IPV6_IN_USE:
        return False
    return not any(ip in network for network in _NEVER)


def _meant(ip: Ip) -> tuple[Ip, ...]:
    """Return the addresses that packets finally go to: the IPv4 addresses inside an IPv6 address, else itself."""
    if isinstance(ip, IPv4Address):
        return (ip,)
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip in _NAT64:
        return (IPv4Address(int(ip) & 0xFFFF_FFFF),)
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    return ip.teredo or (ip,)


def _parsed(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _look_up(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """Ask the system's resolver, in a thread: its own time-out may be far longer than `timeout`."""
    answers: SimpleQueue[tuple[str, ...]] = SimpleQueue()
    threading.Thread(target=_resolve, args=(host, port, answers), name="permabots look-up", daemon=True).start()
    try:
        addresses = answers.get(timeout=timeout)
    except Empty:
        raise NoResponse(f"the name {host} was not looked up within {timeout:.3g} s") from None
    if not addresses:
        raise NoResponse(f"the host {host} is not known")
    return addresses


def _resolve(host: str, port: int, answers: SimpleQueue[tuple[str, ...]]) -> None:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: a label of more than 63 characters cannot be a name
        entries = []
    answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in entries)))


def _host_and_port(entry: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    if not colon or not port.isdecimal() or (":" in host and not host.endswith("]")):
        return _canonical(entry), None
    return _canonical(host), int(port)


def _canonical(host: str) -> str:
    """Return the canonical form of a host: lower case, no final dot, no brackets, an address in its shortest form."""
    name = host.strip("[]").rstrip(".").lower()
    return str(_parsed(name) or name)
