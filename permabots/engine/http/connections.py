"""Connections to user APIs: only to addresses that the guard allows, and each call within its deadline."""

from __future__ import annotations

import socket
from typing import Any, cast

from permabots import http_deadline
from permabots.engine.http.routes import Route
from permabots.engine.http.ssrf_guard import Guard
from permabots.exceptions import NoResponse
from permabots.http_deadline import Connection, DeadlineAdapter, SecureConnection, current

__all__ = ["Exchange", "GuardedAdapter", "current"]


class Exchange(http_deadline.Exchange):
    """One call, redirects included: its deadline, and the progress of its present request.

    Args:
        seconds: the time the call may take, from now.
        guard: checks the addresses that the call connects to.
        route: connects to them.
    """

    __slots__ = ("_seconds", "connected", "guard", "route")

    def __init__(self, seconds: float, guard: Guard, route: Route) -> None:
        super().__init__(seconds)
        self._seconds = seconds
        self.guard = guard
        self.route = route
        self.connected = False
        """Whether the present request opened a new connection."""

    def too_late(self) -> NoResponse:
        return NoResponse(f"no answer within {self._seconds:g} s")


class _Guarded:
    """Connects to an address that the guard has checked, instead of looking the name up a second time."""

    def _new_conn(self: Any) -> socket.socket:
        exchange = cast(Exchange, current.get())
        exchange.connected = True
        # `_dns_host` keeps a final dot of the name: without the dot, the resolver would try its search domains.
        addresses = exchange.guard.addresses(self._dns_host, self.port, exchange.remaining())
        sock = _connect(addresses, self.port, exchange)
        for option in self.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(exchange.remaining())  # for the TLS handshake: Python applies the time-out to all of it
        return sock


def _connect(addresses: tuple[str, ...], port: int, exchange: Exchange) -> socket.socket:
    """Connect to the first address that answers; each address gets an equal share of the time that is left."""
    *others, last = addresses
    for position, address in enumerate(others):
        try:
            return exchange.route.dial(address, port, exchange.remaining() / (len(addresses) - position))
        except OSError:
            continue  # the next address may answer; only the last one's error is raised
    return exchange.route.dial(last, port, exchange.remaining())


class _Connection(_Guarded, Connection):
    pass


class _SecureConnection(_Guarded, SecureConnection):
    pass


class GuardedAdapter(DeadlineAdapter):
    """A transport adapter with guarded connections; each call needs an `Exchange` in `current`."""

    connection = _Connection
    secure_connection = _SecureConnection
