"""One POST of an update to a webhook, over a connection that stays open."""

from __future__ import annotations

import http.client
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from permabots.testing.telegram.api import LOOPBACK

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a POST ended.

    Args:
        status: the HTTP status answered, 0 where there was no answer.
        error: in Telegram's words, "" for 2xx.
        retry_after: seconds that the answer asked to wait, 0 for none.
    """

    status: int = 0
    error: str = ""
    retry_after: float = 0.0


class Poster:
    """Posts to webhooks; each thread keeps its own connections.

    Args:
        timeout: seconds to wait for an answer.
        deliver_to: scheme, host and port that take the place of every webhook's own, so that a webhook set for
            ``https://bot.example`` reaches a server of the test; "" for none. Nothing off this machine is connected.
    """

    def __init__(self, timeout: float, deliver_to: str) -> None:
        self._timeout = timeout
        self._deliver_to = deliver_to
        self._mine = threading.local()

    def post(self, url: str, secret: str, body: bytes) -> Outcome:
        """Post one update.

        Args:
            url: the webhook.
            secret: for the header, "" for none.
            body: JSON.
        """
        address = urlsplit(url)
        target = address.path or "/"
        if address.query:
            target = f"{target}?{address.query}"
        base = urlsplit(self._deliver_to or url)
        if base.scheme != "http" or base.hostname not in LOOPBACK:
            return Outcome(error="Failed to resolve host: Name or service not known")
        headers = {"Content-Type": "application/json", "Host": address.netloc}
        if secret:
            headers[SECRET_HEADER] = secret
        connection = self._connection(base.hostname, base.port or 80)
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Outcome(error=_told(error))
        return _outcome(answer)

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


def _outcome(answer: http.client.HTTPResponse) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    asked = answer.getheader("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() and int(asked) <= 3600 else 0.0
    return Outcome(answer.status, f"Wrong response from the webhook: {answer.status} {answer.reason}", seconds)
