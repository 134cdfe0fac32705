"""One call of a webhook, over a connection that stays open."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The hosts that a stand-in server connects to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Args:
        status: the HTTP status answered, 0 where there was no answer.
        error: in Telegram's words, "" for 2xx.
        retry_after: seconds that the answer asked to wait, 0 for none.
        body: what was answered.
    """

    status: int = 0
    error: str = ""
    retry_after: float = 0.0
    body: bytes = b""


class Poster:
    """Calls webhooks; each thread keeps its own connections.

    Args:
        timeout: seconds to wait for an answer.
        deliver_to: scheme, host and port that take the place of every webhook's own, so that a webhook set for
            ``https://bot.example`` reaches a server of the test; "" for none. Nothing off this machine is connected.
    """

    def __init__(self, timeout: float, deliver_to: str) -> None:
        self._timeout = timeout
        self._deliver_to = deliver_to
        self._mine = threading.local()

    def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Outcome:
        """Post JSON.

        Args:
            url: the webhook.
            body: the raw bytes.
            headers: besides ``Content-Type`` and ``Host``.
        """
        return self._call("POST", url, body, {"Content-Type": "application/json", **(headers or {})})

    def get(self, url: str) -> Outcome:
        """Get a URL, as a handshake does."""
        return self._call("GET", url, None, {})

    def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Outcome:
        address = urlsplit(url)
        target = address.path or "/"
        if address.query:
            target = f"{target}?{address.query}"
        base = urlsplit(self._deliver_to or url)
        if base.scheme != "http" or base.hostname not in LOOPBACK:
            return Outcome(error="Failed to resolve host: Name or service not known")
        connection = self._connection(base.hostname, base.port or 80)
        try:
            connection.request(method, target, body, {"Host": address.netloc, **headers})
            answer = connection.getresponse()
            received = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Outcome(error=_told(error))
        return _outcome(answer, received)

    def close(self) -> None:
        """Close this thread's connections."""
        for connection in self._connections().values():
            connection.close()
        self._connections().clear()

    def _connections(self) -> dict[tuple[str, int], http.client.HTTPConnection]:
        if not hasattr(self._mine, "connections"):
            self._mine.connections = {}
        connections: dict[tuple[str, int], http.client.HTTPConnection] = self._mine.connections
        return connections

    def _connection(self, host: str, port: int) -> http.client.HTTPConnection:
        connections = self._connections()
        connection = connections.get((host, port))
        if connection is None:
            connection = connections[host, port] = http.client.HTTPConnection(host, port, timeout=self._timeout)
        elif connection.sock is not None and _hung_up(connection.sock):
            connection.close()  # it opens again by itself
        return connection


def _hung_up(sock: socket.socket) -> bool:
    """Return whether the other side has closed an idle connection."""
    patience = sock.gettimeout()
    sock.setblocking(False)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    else:
        return True  # its end, or bytes nobody asked for
    finally:
        sock.settimeout(patience)


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    if isinstance(error, ConnectionRefusedError):
        return "Connection refused"
    if isinstance(error, OSError):
        return "Connection closed"
    return "Wrong response from the webhook"


def _outcome(answer: http.client.HTTPResponse, body: bytes) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(answer.status, body=body)
    asked = answer.getheader("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() and int(asked) <= 3600 else 0.0
    return Outcome(answer.status, f"Wrong response from the webhook: {answer.status} {answer.reason}", seconds, body)
