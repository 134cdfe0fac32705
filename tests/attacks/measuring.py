"""What a piece of work costs the process that does it: as Linux counts it, in ``/proc``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


class ProcessDied(Exception):
    """The process that is measured is there no more."""


@dataclass
class Watch:
    """Measures steps of work of one process. The longest step counts, and the memory of all of them together.

    Args:
        pid: the process.
    """

    pid: int
    cpu: float = 0.0
    wall: float = 0.0
    megabytes: float = 0.0

    def __post_init__(self) -> None:
        forget_peak(self.pid)
        self._before = memory(self.pid)[0]

    @contextmanager
    def step(self) -> Iterator[None]:
        """Measure what happens inside."""
        cpu, waited, began = cpu_seconds(self.pid), queue_seconds(self.pid), time.monotonic()
        try:
            yield
        finally:
            wall = time.monotonic() - began
            if is_alive(self.pid):
                # Time in which it could have run and others did is the machine's, not the template's.
                now = queue_seconds(self.pid)
                wall -= max((now[task] - waited.get(task, 0.0) for task in now), default=0.0)
                self.cpu = max(self.cpu, cpu_seconds(self.pid) - cpu)
                self.megabytes = max(self.megabytes, memory(self.pid)[1] - self._before)
            self.wall = max(self.wall, wall)


def memory(pid: int) -> tuple[float, float]:
    """Return the resident memory of a process, now and at its peak, in megabytes.

    Raises:
        ProcessDied: there is no such process.
    """
    lines = dict(line.split(":", 1) for line in _read(pid, "status").splitlines())
    try:
        now, peak = (int(lines[name].split()[0]) * 1024 / MEGABYTE for name in ("VmRSS", "VmHWM"))
    except KeyError as error:  # what has ended and is not yet waited for has no memory
        raise ProcessDied(str(pid)) from error
    return now, peak


def forget_peak(pid: int) -> None:
    """Begin a new peak of resident memory.

    Raises:
        ProcessDied: there is no such process.
    """
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessDied(str(pid)) from error


def cpu_seconds(pid: int) -> float:
    """Return the time that all threads of a process have run, those that ended too."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def queue_seconds(pid: int) -> dict[str, float]:
    """Return for each thread of a process the time that it was ready to run and did not."""
    found = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            found[task.name] = int((task / "schedstat").read_text().split()[1]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that has ended meanwhile
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there, and is not just waiting to be buried."""
    try:
        return _read(pid, "stat").rpartition(")")[2].split()[0] not in "ZX"
    except ProcessDied:
        return False


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessDied(str(pid)) from error
