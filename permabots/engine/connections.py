"""Connections to users' APIs: only to addresses that the guard lets through, and each call within its time.

A socket's time-out is for one system call, so a server that sends a byte now and then is never late. Here it is set
anew, to what is left of the call's time, before each of them.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from permabots.engine.guard import Guard
from permabots.exceptions import RequestFailed


class Exchange:
    """One call, redirects included: how long it may still take, and how far its present request came.

    Args:
        seconds: the time it may take, from now.
        guard: judges where it may go.
    """

    __slots__ = ("_deadline", "_seconds", "answered", "connected", "guard")

    def __init__(self, seconds: float, guard: Guard) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self.guard = guard
        self.connected = False
        """Whether the present request made a new connection."""
        self.answered = False
        """Whether any byte of an answer to it arrived."""

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            RequestFailed: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self.too_late()
        return left

    def too_late(self) -> RequestFailed:
        """Return what to raise when the time is over."""
        return RequestFailed(f"no answer within {self._seconds:g} s")


current: ContextVar[Exchange] = ContextVar("permabots_user_api_exchange")
"""The call that this thread makes."""


class _Reader(io.RawIOBase):
    """Reads from a socket, each time with what is left of the call's time."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, exchange: Exchange) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._exchange.remaining())
        size = self._raw.readinto(buffer)
        self._exchange.answered = self._exchange.answered or bool(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Reader(sock, self.fp.detach(), current.get()))


class _Guarded:
    """Connects to a judged address by itself, and sends with what is left of the call's time."""

    def _new_conn(self: Any) -> socket.socket:
        exchange = current.get()
        exchange.connected = True
        # the name with its final dot, if it has one: without it, the resolver would try its search domains
        addresses = exchange.guard.addresses(self._dns_host, self.port, exchange.remaining())
        sock = _connect(addresses, self.port, exchange)
        for option in self.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(exchange.remaining())  # for the TLS handshake, which Python keeps to it as a whole
        return sock

    def send(self: Any, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(current.get().remaining())
        super().send(data)  # type: ignore[misc]


def _connect(addresses: tuple[str, ...], port: int, exchange: Exchange) -> socket.socket:
    """Connect to the first address that answers; one that is silent gets only its share of the time."""
    *others, last = addresses
    for position, address in enumerate(others):
        try:
            return socket.create_connection((address, port), exchange.remaining() / (len(addresses) - position))
        except OSError:
            continue  # the next address may do; the last one's failure is told
    return socket.create_connection((last, port), exchange.remaining())


class _Connection(_Guarded, HTTPConnection):
    response_class = _Response


class _SecureConnection(_Guarded, HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class GuardedAdapter(HTTPAdapter):
    """Connections for a `requests.Session` whose calls each run with an `Exchange` in `current`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
