"""Connections to users' APIs: only to addresses that the guard lets through, and each call within its time."""

from __future__ import annotations

import socket
from typing import Any, cast

from permabots import http_deadline
from permabots.engine.http.ssrf_guard import Guard
from permabots.exceptions import ApiSilent
from permabots.http_deadline import Connection, DeadlineAdapter, SecureConnection, current

__all__ = ["Exchange", "GuardedAdapter", "current"]


class Exchange(http_deadline.Exchange):
    """One call, redirects included: how long it may still take, and how far its present request came.

    Args:
        seconds: the time it may take, from now.
        guard: judges where it may go.
    """

    __slots__ = ("_seconds", "connected", "guard")

    def __init__(self, seconds: float, guard: Guard) -> None:
        super().__init__(seconds)
        self._seconds = seconds
        self.guard = guard
        self.connected = False
        """Whether the present request made a new connection."""

    def too_late(self) -> ApiSilent:
        return ApiSilent(f"no answer within {self._seconds:g} s")


class _Guarded:
    """Connects to a judged address by itself."""

    def _new_conn(self: Any) -> socket.socket:
        exchange = cast(Exchange, current.get())
        exchange.connected = True
        # the name with its final dot, if it has one: without it, the resolver would try its search domains
        addresses = exchange.guard.addresses(self._dns_host, self.port, exchange.remaining())
        sock = _connect(addresses, self.port, exchange)
        for option in self.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(exchange.remaining())  # for the TLS handshake, which Python keeps to it as a whole
        return sock


def _connect(addresses: tuple[str, ...], port: int, exchange: Exchange) -> socket.socket:
    """Connect to the first address that answers; one that is silent gets only its share of the time."""
    *others, last = addresses
    for position, address in enumerate(others):
        try:
            return socket.create_connection((address, port), exchange.remaining() / (len(addresses) - position))
        except OSError:
            continue  # the next address may do; the last one's failure is told
    return socket.create_connection((last, port), exchange.remaining())


class _Connection(_Guarded, Connection):
    pass


class _SecureConnection(_Guarded, SecureConnection):
    pass


class GuardedAdapter(DeadlineAdapter):
    """Guarded connections for a `requests.Session` whose calls each run with an `Exchange` in `current`."""

    connection = _Connection
    secure_connection = _SecureConnection
