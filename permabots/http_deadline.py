"""HTTP connections that keep to one deadline for a whole call, however slowly the other side sends.

A socket's time-out is for one system call: a server that sends a byte now and then is never late. Here the time-out is
set before each system call, to the time that is left for the whole call. Calls to providers and to user APIs use this.
"""

from __future__ import annotations

import http.client
import io
import logging
import socket
import time
from contextvars import ContextVar
from typing import Any, ClassVar

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

MAX_INTERIM = 20
"""Interim responses (status 1xx) that may come before the final response to one request."""


class Exchange:
    """One HTTP call: its deadline, and whether bytes have been sent and received.

    Args:
        seconds: the time the call may take, from now.
    """

    __slots__ = ("_deadline", "answered", "sent")

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.sent = False
        """Whether any byte of the request has been sent."""
        self.answered = False
        """Whether any byte of a response has arrived."""

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            Exception: no time is left: the exception that `too_late` returns.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self.too_late()
        return left

    def too_late(self) -> Exception:
        """Return what to raise when the time is over."""
        return TimeoutError("the time for this call is over")


current: ContextVar[Exchange] = ContextVar("permabots_exchange")
"""The call that this thread makes."""


class _SilenceFilter(logging.Filter):
    """Drops the records of a library during a call: it logs addresses and headers, and these hold tokens."""

    def filter(self, record: logging.LogRecord) -> bool:
        return current.get(None) is None


# Each by its own name: a logger's filter does not see the records of its children.
for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_SilenceFilter())


class _Reader(io.RawIOBase):
    """Reads from a socket, each time with the time left for the call."""

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

    def begin(self) -> None:
        """Read the head of the response, and pass over interim responses before it (``103 Early Hints``).

        Raises:
            http.client.HTTPException: the response is not HTTP, or too many interim responses come before it.
        """
        for _ in range(MAX_INTERIM + 1):
            super().begin()
            if not _is_interim(self.status):
                return
            self.headers = self.msg = None  # type: ignore[assignment] # else begin() would not read the next head
        raise http.client.HTTPException(f"more than {MAX_INTERIM} interim answers")


def _is_interim(status: int) -> bool:
    return 100 <= status < 200 and status != http.HTTPStatus.SWITCHING_PROTOCOLS


class _Sender:
    """Sends with the time left for the call, and notes in its `Exchange` that bytes have been sent."""

    def send(self: Any, data: Any) -> None:
        exchange = current.get()
        if self.sock is None:
            self.connect()
        self.sock.settimeout(exchange.remaining())
        exchange.sent = True
        super().send(data)  # type: ignore[misc]


class Connection(_Sender, HTTPConnection):
    """A connection whose calls keep to their deadline."""

    response_class = _Response


class SecureConnection(_Sender, HTTPSConnection):
    """A TLS connection whose calls keep to their deadline."""

    response_class = _Response


def keep_deadlines(
    manager: PoolManager,
    connection: type[HTTPConnection] = Connection,
    secure_connection: type[HTTPSConnection] = SecureConnection,
) -> None:
    """Have a pool manager make connections that keep to deadlines: each of its calls needs an `Exchange` in `current`.

    Args:
        manager: the manager, before its first call.
        connection: the class of its connections.
        secure_connection: the class of those with TLS.
    """
    manager.pool_classes_by_scheme = {
        "http": type("_Pool", (HTTPConnectionPool,), {"ConnectionCls": connection}),
        "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure_connection}),
    }


class DeadlineAdapter(HTTPAdapter):
    """A transport adapter for a `requests.Session`; each of its calls needs an `Exchange` in `current`."""

    connection: ClassVar[type[HTTPConnection]] = Connection
    secure_connection: ClassVar[type[HTTPSConnection]] = SecureConnection

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        keep_deadlines(self.poolmanager, self.connection, self.secure_connection)
