"""Which addresses a bot's author may have this server call: public ones, and what the operator allows by name.

A name is looked up once, every address of the answer is judged, and the caller connects to a judged address: a second
look-up, which could answer otherwise, never happens.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from queue import Empty, SimpleQueue

from permabots.exceptions import ApiSilent, RequestFailed

Ip = IPv4Address | IPv6Address

_IPV6_IN_USE = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, and a cloud's metadata service; Python is of two minds on it
    IPv4Network("192.88.99.0/24"),  # relays into IPv6, given up
    IPv4Network("168.63.129.16/32"),  # public by number, but inside Azure the machine's own controller
)


class Guard:
    """Judges where a request goes.

    Args:
        allowed_hosts: exemptions: ``host`` for any port, ``host:port``, ``[::1]:port``, or a network as ``10.0.0.0/8``.
            A host is compared as it stands in the URL; a network lets every name through that leads into it.

    Raises:
        ValueError: an entry with a slash is no network.
    """

    def __init__(self, allowed_hosts: Iterable[str] = ()) -> None:
        entries = tuple(allowed_hosts)
        self._networks = tuple(ipaddress.ip_network(entry) for entry in entries if "/" in entry)
        self._hosts = frozenset(_host_and_port(entry) for entry in entries if "/" not in entry)

    def addresses(self, host: str, port: int, timeout: float) -> tuple[str, ...]:
        """Look a host up and return its addresses, all of them allowed, in the order to try them.

        Args:
            host: a name, or an address without brackets.
            port: where the connection will go.
            timeout: seconds the look-up may take.

        Raises:
            RequestFailed: the name is not known or leads to an address that is not public, or nobody answered in time.
        """
        found = (host,) if _parsed(host) else _look_up(host, port, timeout)
        if not self._exempt(host, port):
            for address in found:
                self._check(host, address)
        return found

    def _exempt(self, host: str, port: int) -> bool:
        name = _canonical(host)
        return (name, None) in self._hosts or (name, port) in self._hosts

    def _check(self, host: str, address: str) -> None:
        ip = ipaddress.ip_address(address)
        if self._inside(ip) or all(_is_public(inner) or self._inside(inner) for inner in _meant(ip)):
            return
        kind = "a private address" if any(inner.is_private for inner in _meant(ip)) else "no public address"
        known_as_written = _canonical(host) == _canonical(address)
        raise RequestFailed(f"{address} is {kind}" if known_as_written else f"{host} leads to {address}, {kind}")

    def _inside(self, ip: Ip) -> bool:
        return any(ip in network for network in self._networks)


def _is_public(ip: Ip) -> bool:
    if ip.is_multicast or not ip.is_global:
        return False
    if isinstance(ip, IPv6Address):
        return ip in _IPV6_IN_USE
    return not any(ip in network for network in _NEVER)


def _meant(ip: Ip) -> tuple[Ip, ...]:
    """Return where packets for an address end up: the IPv4 addresses inside an IPv6 one, else itself."""
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
    """Ask the system's resolver, in a thread: it has a time-out of its own, which may be far longer than ours."""
    answers: SimpleQueue[tuple[str, ...]] = SimpleQueue()
    threading.Thread(target=_resolve, args=(host, port, answers), name="permabots look-up", daemon=True).start()
    try:
        found = answers.get(timeout=timeout)
    except Empty:
        raise ApiSilent(f"the name {host} was not looked up within {timeout:.3g} s") from None
    if not found:
        raise ApiSilent(f"the host {host} is not known")
    return found


def _resolve(host: str, port: int, answers: SimpleQueue[tuple[str, ...]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for what can be no name: a label of more than 63 characters
        found = []
    answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))


def _host_and_port(entry: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    if not colon or not port.isdecimal() or (":" in host and not host.endswith("]")):
        return _canonical(entry), None
    return _canonical(host), int(port)


def _canonical(host: str) -> str:
    """Return the one spelling of a host: lower case, no final dot, no brackets, an address as short as can be."""
    name = host.strip("[]").rstrip(".").lower()
    return str(_parsed(name) or name)
