"""What a run tells its web server and workers while they run: files in the folder of the site."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

BUGS = (
    "200 before commit",
    "lease ignored",
    "fence read by SELECT",
    "marked sent before sending",
    "second look left out",
    "held back by what is finished",
    "secret replaced before the messenger agrees",
    "send without a ceiling",
    "notification begun without being counted",
    "key of a web message ignored",
)
"""The bugs that `tests.chaos.bugs` plants."""


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches of one site.

    Args:
        folder: of the site.
    """

    folder: Path

    @property
    def bug(self) -> str:
        """The planted bug that is on, "" for none."""
        return self._read("bug")

    def plant(self, bug: str) -> None:
        """Turn a bug on, and the others off."""
        (self.folder / "bug").write_text(bug)

    @property
    def sweeps(self) -> bool:
        """Whether the sweep finds anything."""
        return self._read("sweep") != "off"

    def sweep(self, on: bool) -> None:
        """Turn the sweep on or off."""
        (self.folder / "sweep").write_text("on" if on else "off")

    def break_sends(self, chat: int) -> None:
        """Have everything that is sent to a chat from now on fail in a way that nobody has foreseen."""
        (self.folder / "broken").write_text(str(chat))

    def breaks(self, chat: str) -> bool:
        """Whether what is sent to a chat fails so."""
        return self._read("broken") == chat

    @property
    def poisoned(self) -> int:
        """How many processes have died of a poisonous notification."""
        return len(self._read("poisoned"))

    def die_of_poison(self) -> None:
        """End this process as the kernel does when memory is short."""
        with (self.folder / "poisoned").open("a") as file:
            file.write(".")
        os.kill(os.getpid(), signal.SIGKILL)

    def stop_at(self, number: int) -> None:
        """Have the next process that commits the turn of this update stop in the middle of its transaction."""
        (self.folder / "stopped").unlink(missing_ok=True)
        (self.folder / "stop").write_text(str(number))

    @property
    def stopped(self) -> int:
        """The process that has stopped itself, 0 for none yet."""
        return int(self._read("stopped") or 0)

    def stop_here(self, number: int) -> None:
        """Stop this process if it is to stop at this update."""
        if self._read("stop") != str(number):
            return
        (self.folder / "stop").unlink()
        (self.folder / "stopped").write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return ""
