"""The base of every stand-in server: real sockets on 127.0.0.1, one thread for each connection."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from io import BufferedReader
from types import TracebackType
from typing import Self

from permabots.testing.control import CONTROL_PREFIX, Operations, serve_control
from permabots.testing.control_page import overview
from permabots.testing.http11 import MalformedRequest, Reply, Request, encode, json_reply, read_request


class StandInServer(ABC):
    """A server that a test runs in place of one on the internet.

    It binds 127.0.0.1 only. It is a context manager; `start` and `stop` may be called several times, and it keeps its
    port and what it knows, so that an outage is ``server.stop(); ...; server.start()``.

    Args:
        port: the port to bind; 0 for a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: set[socket.socket] = set()
        self._stopping = threading.Event()

    # Subclasses must implement

    @abstractmethod
    def respond(self, request: Request) -> Reply:
        """Answer one request, and note it where that is wanted; called by several threads at once."""

    # Subclasses may override

    def operations(self) -> Operations:
        """Return what the control API offers."""
        return {}

    # For everybody

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``, known from the first `start` on."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """The port it is bound to; 0 before the first `start` where none was given."""
        return self._port

    def start(self) -> Self:
        """Listen; returns when connections are taken.

        Raises:
            OSError: the port is taken.
        """
        self._stopping = threading.Event()
        listener = socket.create_server(("127.0.0.1", self._port), backlog=512)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._acceptor = threading.Thread(target=self._accept, args=(listener,), name="stand-in", daemon=True)
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; nothing happens where it is not running."""
        if self._listener is None or self._acceptor is None:
            return
        self._stopping.set()
        # closing a listening socket does not wake a thread in accept(): a connection does
        socket.create_connection(("127.0.0.1", self._port)).close()
        self._acceptor.join()
        self._listener.close()
        self._listener = None
        for connection in list(self._connections):
            _hang_up(connection)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # The connections

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="stand-in connection", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while self._exchange(connection, stream):
                    pass
        except ConnectionError:
            return  # the client went away, or `stop` hung up
        finally:
            self._connections.discard(connection)

    def _exchange(self, connection: socket.socket, stream: BufferedReader) -> bool:
        """Answer the next request; returns whether there may be another one."""
        try:
            request = read_request(stream, connection.sendall)
        except MalformedRequest as error:
            connection.sendall(encode(json_reply({"error": str(error)}, 400), keep=False))
            return False
        if request is None:
            return False
        reply = self._answer(request)
        if (reply.delay and self._stopping.wait(reply.delay)) or reply.cut:
            return False
        keep = request.headers.get("connection", "").lower() != "close"
        connection.sendall(encode(reply, keep=keep, head_only=request.method == "HEAD"))
        return keep

    def _answer(self, request: Request) -> Reply:
        if request.method == "GET" and request.path == CONTROL_PREFIX:
            return overview(type(self).__name__, self.url, self.operations())
        if request.target.startswith(CONTROL_PREFIX):
            return serve_control(self.operations(), request)
        return self.respond(request)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was closed in the meantime
