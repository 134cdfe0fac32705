"""Hosts of their own on one machine: a network namespace each, which reaches the servers through relays alone.

The servers listen on this machine's loopback, which a namespace does not have: at the same port of its own loopback
``socat`` takes connections and hands them on through a socket in a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

LOCAL = "127.0.0.1"


def why_none() -> str:
    """Return why there can be no such hosts here, "" where there can."""
    if os.geteuid():
        return "root alone makes network namespaces"
    missing = [program for program in ("ip", "socat") if not shutil.which(program)]
    return f"not installed: {', '.join(missing)}" if missing else ""


class Host:
    """A network namespace from which some ports of this machine are reached.

    Args:
        name: of the namespace; one of this name is replaced.
        ports: of the servers.
        folder: for the relays' sockets.
    """

    def __init__(self, name: str, ports: Iterable[int], folder: Path) -> None:
        self.name, self._ports, self._folder = name, list(ports), folder
        self.prefix = ("ip", "netns", "exec", name)
        self._relays: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Host:
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)  # noqa: S603, S607
        subprocess.run(["ip", "netns", "add", self.name], check=True)  # noqa: S603, S607
        subprocess.run([*self.prefix, "ip", "link", "set", "lo", "up"], check=True)  # noqa: S603
        for port in self._ports:
            path = self._folder / f"{self.name}.{port}"
            path.unlink(missing_ok=True)
            self._relay((), f"UNIX-LISTEN:{path},fork", f"TCP:{LOCAL}:{port},nodelay")
            self._relay(self.prefix, f"TCP-LISTEN:{port},bind={LOCAL},fork,reuseaddr,nodelay", f"UNIX-CONNECT:{path}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for relay in self._relays:
            relay.terminate()
        for relay in self._relays:
            relay.wait()
        subprocess.run(["ip", "netns", "delete", self.name], check=True)  # noqa: S603, S607

    def _relay(self, prefix: Iterable[str], source: str, target: str) -> None:
        self._relays.append(subprocess.Popen([*prefix, "socat", source, target]))  # noqa: S603
