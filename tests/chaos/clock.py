"""The clock of a run's servers, workers and web server: one that can be set ahead and back while they run.

libfaketime stands between a program and the operating system's clock. It reads by how many seconds the clock is wrong
from a file, every second or two. The monotonic clock goes on as it is, as it does on a machine whose clock is set.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

READ_EVERY = 2.0
"""Seconds after which every process has seen that the clock was set."""
_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"


def find_library() -> Path | None:
    """Return the library from the wheel libfaketime; None where there is no wheel for this machine."""
    spec = find_spec("libfaketime")
    path = Path(spec.origin).parent / _LIBRARY if spec is not None and spec.origin is not None else None
    return path if path is not None and path.exists() else None


@dataclass
class Clock:
    """A clock that everything in a run goes by.

    Args:
        folder: where its file and a copy of the library are, in reach of every user that runs a server.
        ahead: seconds by which it is wrong.
    """

    folder: Path
    ahead: float = 0.0

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.set(self.ahead)

    def variables(self) -> Mapping[str, str]:
        """Return the environment of a process that goes by this clock; empty where that cannot be had."""
        library = find_library()
        if library is None:
            return {}
        here = self.folder / library.name
        if not here.exists():
            shutil.copy(library, here)
            here.chmod(0o755)
        return {
            "LD_PRELOAD": str(here),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: float) -> None:
        """Set the clock so many seconds ahead of the right time, or back where they are negative."""
        self.ahead = ahead
        whole = self._file.with_suffix(".new")
        whole.write_text(f"{ahead:+.0f}s\n")
        whole.chmod(0o644)
        whole.replace(self._file)  # nobody reads half a number

    @staticmethod
    def tidy() -> None:
        """Delete what the library has left of processes that were killed."""
        for path in Path("/dev/shm").glob("*faketime_*"):  # noqa: S108 - where it keeps a few bytes for each program
            pid = path.name.rpartition("_")[2]
            if pid.isdecimal() and not psutil.pid_exists(int(pid)):
                path.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self.folder / "clock"
