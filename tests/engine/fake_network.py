"""A network of the tests' own: names answer what a test says, and a connection ends in this process."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class FakeNetwork:
    """Answers look-ups from a table, and every connection with one HTTP answer per request.

    Args:
        monkeypatch: puts it in the place of the socket module's functions.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[Sequence[str]]] = {}
        """For each name what its look-ups answer, one after another; the last answer stays."""
        self.unreachable: dict[str, OSError] = {}
        """Addresses that cannot be connected to, and how that fails."""
        self.answers: list[bytes] = []
        """HTTP answers in order; then `OK` for ever."""
        self.lookups: list[str] = []
        self.connections: list[tuple[str, int]] = []
        self.requests: list[bytes] = []
        self.tls: ssl.SSLContext | None = None
        """What connections to port 443 speak."""
        self._peers: list[socket.socket] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", self._create_connection)

    def close(self) -> None:
        for peer in self._peers:
            peer.close()

    def _getaddrinfo(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        self.lookups.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def _create_connection(self, address: tuple[str, int], timeout: float) -> socket.socket:
        assert timeout > 0
        self.connections.append(address)
        if address[0] in self.unreachable:
            raise self.unreachable[address[0]]
        ours, theirs = socket.socketpair()
        self._peers.append(theirs)
        threading.Thread(target=self._serve, args=(theirs, address[1]), daemon=True).start()
        return _Tcp(ours)

    def _serve(self, peer: socket.socket, port: int) -> None:
        if self.tls and port == 443:
            peer = self.tls.wrap_socket(peer, server_side=True)
            self._peers.append(peer)
        while head := _read_head(peer):
            self.requests.append(head)
            peer.sendall(self.answers.pop(0) if self.answers else OK)


class _Tcp(socket.socket):
    """One end of a socket pair that takes the options of a TCP connection."""

    def __init__(self, pair: socket.socket) -> None:
        super().__init__(pair.family, pair.type, pair.proto, pair.detach())
        self.options: list[tuple[object, ...]] = []

    def setsockopt(self, *option: object) -> None:
        self.options.append(option)


def _read_head(peer: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        try:
            piece = peer.recv(1)
        except OSError:  # the test is over
            return b""
        if not piece:
            return b""
        head += piece
    return head
