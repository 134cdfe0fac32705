"""Slots that the processes of a host share: each is one byte of a file, locked while it is taken.

The operating system keeps the locks: two processes never have the same slot, and those of a process that dies are free
at that moment. Threads of one process share its locks, so each process also knows which slots it took itself.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

if sys.platform != "win32":
    import fcntl

ROW = 2**20
"""Slots of one row lie side by side; this is how far apart two rows are in the file, which stays empty."""

FIXED_ROWS = 16
"""Rows with the lowest numbers, which nobody's name ever leads to."""


def row_of(name: str) -> int:
    """Return the row that belongs to a name, the same in every process.

    Args:
        name: whose row it is, such as the kind and the id of somebody.
    """
    return FIXED_ROWS + int.from_bytes(hashlib.sha256(name.encode()).digest()[:5])


@dataclass(slots=True)
class Slots:
    """The slots of one file. A process opens it once: closing a second handle of it would free every slot.

    Args:
        file: the file; processes that share it share the slots.
    """

    file: IO[bytes]
    taken: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, rows: Mapping[int, int]) -> set[int]:
        """Take one slot of each row, or none at all.

        Args:
            rows: how many slots each row has, in the order in which they are taken. Those that few share come first:
                who finds none of these never holds one of the others, not even for a moment.

        Returns:
            The slots that were taken; none where a row has no free one.
        """
        found: set[int] = set()
        with self._lock:
            for row, slots in rows.items():
                free = next(filter(self._lock_slot, range(row * ROW, row * ROW + slots)), None)
                if free is None:
                    break
                found.add(free)
        if len(found) == len(rows):
            return found
        self.give_back(found)
        return set()

    def give_back(self, found: set[int]) -> None:
        """Free slots that this process took."""
        with self._lock:
            for slot in found:
                if sys.platform != "win32":
                    fcntl.lockf(self.file, fcntl.LOCK_UN, 1, slot)
            self.taken -= found

    def close(self) -> None:
        self.file.close()

    def _lock_slot(self, slot: int) -> bool:
        """Take one slot, if neither a thread of this process nor another process has it."""
        if slot in self.taken or not self._lock_byte(slot):
            return False
        self.taken.add(slot)
        return True

    def _lock_byte(self, slot: int) -> bool:
        """Lock a byte against other processes. Where pools do not fork there are none."""
        if sys.platform == "win32":
            return True
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except (BlockingIOError, PermissionError):
            return False
        return True
