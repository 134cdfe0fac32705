"""A server on 127.0.0.1 whose every byte a test decides."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Script = Callable[["Connection"], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP answer with a body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Connection:
    """One connection of a client.

    Args:
        sock: its socket.
        number: 1 for the server's first one.
        over: set when the server stops.
    """

    def __init__(self, sock: socket.socket, number: int, over: threading.Event) -> None:
        self.sock = sock
        self.number = number
        self.over = over

    def request(self) -> bytes:
        """Read the head of a request, to the blank line; b"" where the client hung up."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self.sock.recv(1)
            if not piece:
                return b""
            head += piece
        return head

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, pause: float) -> None:
        """Send byte by byte, until the client hangs up."""
        for position in range(len(data)):
            if self.over.wait(pause):
                return
            self.send(data[position : position + 1])

    def wait(self) -> None:
        """Do nothing until the server stops."""
        self.over.wait()


class ScriptedServer:
    """Runs a script for each connection; a context manager.

    Args:
        script: what to do with a connection, which is closed afterwards.
        tls: speaks TLS where given.
    """

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._script = script
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the thread that accepts
        self._acceptor.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._over.is_set():
                sock.close()
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            with self._tls.wrap_socket(sock, server_side=True) if self._tls else sock as stream:
                self._script(Connection(stream, number, self._over))
        except OSError:
            sock.close()  # the client hung up, which is what some tests are about
