"""How connections to user APIs leave this machine: directly, or through the operator's proxy."""

from __future__ import annotations

import errno
import socket
from base64 import b64encode
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Protocol
from urllib.parse import unquote, urlsplit

from permabots.http_deadline import Connection


class Route(Protocol):
    """A way to an address."""

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        """Return a connection to an address.

        Args:
            address: an address that the guard has checked.
            port: its port.
            seconds: how long it may take.

        Raises:
            OSError: there is none.
        """
        ...


class Direct:
    """Connects to the address itself."""

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        """Return a connection, as `Route.dial`."""
        return socket.create_connection((address, port), seconds)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Has an HTTP proxy connect, by ``CONNECT``: for addresses of http and of https alike.

    The proxy is told the address that the guard has checked, and no name: it looks nothing up, so it cannot be led
    elsewhere. TLS is spoken with the API through the tunnel, as without a proxy.

    Args:
        host: the proxy's host.
        port: the proxy's port.
        authorization: the value of ``Proxy-Authorization``, "" for none.
    """

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str) -> Proxy:
        """Return the proxy of ``http://[user:password@]host[:port]``.

        Raises:
            ValueError: the port is none.
        """
        parts = urlsplit(url)
        authorization = ""
        if parts.username is not None:
            both = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = "Basic " + b64encode(both.encode()).decode()
        return cls(parts.hostname or "", parts.port or 80, authorization)

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        """Return a connection through the proxy, as `Route.dial`."""
        with ExitStack() as undo:
            sock = self._connected(seconds)
            if sock is None:
                raise _failed("the proxy does not answer")
            undo.callback(sock.close)
            sock.sendall(self._request(address, port))
            if (status := _status(sock)) is None:
                raise _failed("the proxy does not speak HTTP")
            if not 200 <= status < 300:
                raise _failed(f"the proxy answered {status}")
            undo.pop_all()
        return sock

    def _connected(self, seconds: float) -> socket.socket | None:
        """Return a connection to the proxy, None where there is none. An error would be taken for the API's."""
        try:
            return socket.create_connection((self.host, self.port), seconds)
        except OSError:
            return None

    def _request(self, address: str, port: int) -> bytes:
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.authorization:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        return "\r\n".join([*lines, "", ""]).encode()


def _status(sock: socket.socket) -> int | None:
    """Read the head of a proxy's answer, and return its status; None where that is not HTTP.

    No byte behind the head can be there yet: the API says nothing before it is asked.
    """
    with closing(Connection.response_class(sock, method="CONNECT")) as response:
        try:
            response.begin()
        except HTTPException:
            return None
        return response.status


def _failed(words: str) -> OSError:
    return OSError(errno.EHOSTUNREACH, words)
