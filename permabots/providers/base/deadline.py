"""HTTP connections that keep to one deadline for a whole call, however slowly the other side sends.

A socket's time-out is for one system call: a server that sends a byte now and then is never late. Here it is set anew,
to what is left of the call's time, before each of them.
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


class Exchange:
    """One call: its deadline, and whether any of it has left.

    Args:
        seconds: the time it may take, from now.
    """

    __slots__ = ("_deadline", "sent")

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.sent = False

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            TimeoutError: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this call is over")
        return left


current: ContextVar[Exchange] = ContextVar("permabots_exchange")
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
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Reader(sock, self.fp.detach(), current.get()))


class _Sender:
    """Sends with what is left of the call's time, and says when something has left."""

    def send(self: Any, data: Any) -> None:
        exchange = current.get()
        if self.sock is None:
            self.connect()
        self.sock.settimeout(exchange.remaining())
        exchange.sent = True
        super().send(data)  # type: ignore[misc]


class _Connection(_Sender, HTTPConnection):
    response_class = _Response


class _SecureConnection(_Sender, HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class DeadlineAdapter(HTTPAdapter):
    """Connections for a `requests.Session` whose calls each run with an `Exchange` in `current`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
