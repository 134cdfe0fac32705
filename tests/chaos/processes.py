"""Who is at the other end of a connection. Linux only: it reads ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_HERE = "0100007F"
"""127.0.0.1, as ``/proc/net/tcp`` writes it."""


def owner_of(port: int, pids: Iterable[int]) -> int:
    """Return which of the processes holds the client's end of a connection on 127.0.0.1; 0 for none of them."""
    inode = _inode(port)
    return next((pid for pid in pids if inode and _holds(pid, inode)), 0)


def _inode(port: int) -> str:
    local = f"{_HERE}:{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines():
        words = line.split()
        if words[1] == local:
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
