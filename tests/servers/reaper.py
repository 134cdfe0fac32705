"""Ends a server whose owner is gone: ``reaper.py PID FOLDER`` waits until its standard input closes.

The owner holds the other end of that pipe, so it closes whatever ended the owner, SIGKILL too. An owner that closes
its server in good order ends the reaper first.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE = 5.0


def main(pid: int, folder: str) -> None:
    """Wait for the end of the owner, then end the process with its children and delete its folder."""
    with suppress(psutil.NoSuchProcess):
        server = psutil.Process(pid)
        sys.stdin.read()
        _end([server, *server.children(recursive=True)])
    _unmount(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)


def _unmount(folder: Path) -> None:
    """Take away the disks that the server had of its own (`tests.chaos.disk`)."""
    for path in filter(os.path.ismount, folder.glob("*")):
        subprocess.run(["/bin/umount", path], check=False)


def _end(family: list[psutil.Process]) -> None:
    """End a server politely (it may be frozen), then by force."""
    _signal(family, signal.SIGCONT)
    _signal(family[:1], signal.SIGINT)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    _signal(alive, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=PATIENCE)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
