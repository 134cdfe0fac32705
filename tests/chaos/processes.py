"""Who is at the other end of a connection. Linux only: it reads ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_HERE = "0100007F"
"""127.0.0.1, as ``/proc/net/tcp`` writes it."""


def owner_of(port: int, server: int, pids: Iterable[int]) -> int:
    """Return which of the processes holds the client's end of a connection on 127.0.0.1; 0 for none of them.

    Args:
        port: the client's, which it may also have for other connections.
        server: the server's.
        pids: the processes to ask.
    """
    inode = _inode(port, server)
    return next((pid for pid in pids if inode and _holds(pid, inode)), 0)


def _inode(port: int, server: int) -> str:
    ends = [f"{_HERE}:{port:04X}", f"{_HERE}:{server:04X}"]
    for line in Path("/proc/net/tcp").read_text().splitlines():
        words = line.split()
        if words[1:3] == ends:
            return words[9]
    return ""


def _holds(pid: int, inode: str) -> bool:
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            return any(_target(entry) == f"socket:[{inode}]" for entry in entries)
    except OSError:
        return False  # it has ended


def _target(entry: os.DirEntry[str]) -> str:
    try:
        return os.readlink(entry.path)
    except OSError:
        return ""  # closed in the meantime
