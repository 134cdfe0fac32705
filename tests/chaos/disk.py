"""A disk of its own for a server, which can be full: a file system in memory, whose size is set while it is in use."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MOST = 2 * 2**30
"""Bytes that it holds when it is not full. They are taken from memory as they are written."""
_SPARE = 64 * 2**10
_TRIES = 100


@dataclass
class Disk:
    """A file system of its own on one folder.

    Args:
        folder: which.
    """

    folder: Path

    def mount(self, user: str | int | None) -> None:
        """Put it on its folder, which it makes.

        Args:
            user: whose the folder is to be, None for this process's.

        Raises:
            subprocess.CalledProcessError: this process may not; see `can_mount`.
        """
        self.folder.mkdir()
        owner = "" if user is None else f",uid={user}"
        _run("mount", "-t", "tmpfs", "-o", f"size={MOST},mode=0700{owner}", "tmpfs", str(self.folder))

    def unmount(self) -> None:
        """Take it away with everything on it. It may be gone already."""
        if os.path.ismount(self.folder):
            _run("umount", str(self.folder))

    def fill(self) -> None:
        """Leave no room on it."""
        for _ in range(_TRIES):
            used = os.statvfs(self.folder)
            size = (used.f_blocks - used.f_bfree) * used.f_frsize + _SPARE
            try:
                return self._resize(size)
            except subprocess.CalledProcessError:
                continue  # more was written in between
        raise TimeoutError(f"{self.folder} is written to faster than it can be filled")

    def empty(self) -> None:
        """Give it its room again."""
        self._resize(MOST)

    def _resize(self, size: int) -> None:
        _run("mount", "-o", f"remount,size={size}", str(self.folder))


def can_mount() -> bool:
    """Return whether this process may mount a file system: it takes root, and not every container has that right."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(Path(folder) / "disk")
        try:
            disk.mount(None)
        except (subprocess.CalledProcessError, FileNotFoundError):
            return False
        disk.unmount()
    return True


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
