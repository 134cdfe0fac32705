"""How much of the processor and of the memory programs take, with all that they started."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

WINDOW = 0.1
"""Seconds over which a program is busy or not."""
IDLE = 0.05
"""The part of a core that an idle program may take."""
QUIET_WINDOWS = 10
"""So many idle windows in succession are an idle program."""


def tree(pid: int) -> Iterator[psutil.Process]:
    """Yield a process and its living descendants."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        yield root
        yield from root.children(recursive=True)


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process tree so far, its ended and reaped descendants included."""
    total = 0.0
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])  # user, system, children's user, children's system
    return total


def fine_cpu_seconds(pid: int) -> float:
    """Return the time that the living threads of a process tree have had, by the scheduler: to the nanosecond, where
    `cpu_seconds` counts ticks of 10 ms."""
    total = 0
    for process in tree(pid):
        for task in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(task.read_text().split()[0])
    return total / 1e9


def pss_mib(pid: int) -> float:
    """Return the proportional set size of a process tree: a shared page counts in parts."""
    total = 0
    for process in tree(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def wait_until_idle(pids: list[int], patience: float = 120.0) -> float | None:
    """Wait until process trees have been idle for `QUIET_WINDOWS`.

    Args:
        pids: of their roots.
        patience: seconds after which no more is waited.

    Returns:
        When the last busy window ended, by `time.monotonic` (the moment of the call where there was none); None where
        they did not become idle.
    """
    began = busy_until = time.monotonic()
    used = sum(map(fine_cpu_seconds, pids))
    while (now := time.monotonic()) < began + patience:
        if now - busy_until >= QUIET_WINDOWS * WINDOW:
            return busy_until
        time.sleep(WINDOW)
        before, used = used, sum(map(fine_cpu_seconds, pids))
        if used - before > IDLE * (time.monotonic() - now):
            busy_until = time.monotonic()
    return None
