"""How many calls to users' APIs are in flight in this worker, over all its processes and threads.

A seat is one byte of a file that only this worker's processes have open, locked while it is taken. The operating system
keeps the locks: two processes never have the same seat, and those of a process that dies are free at that moment.
Threads of one process share its locks, so each process also knows which seats it took itself.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from uuid import UUID

from permabots.exceptions import Busy

if sys.platform != "win32":
    import fcntl

AGAIN = 1.0
"""Seconds before a turn that found no seat is begun again, at least."""
PACE = 0.1
"""Seconds between two turns of one bot that are begun again in one process: however many wait, they cost no more."""
ROW = 2**20
"""Seats of one bot lie side by side; this is how far apart two bots are in the file, which stays empty."""
AILING = 0
"""The row for calls to APIs that did not answer last time, whosever they are. Bots have the rows from 1 on."""


@dataclass(slots=True)
class Room:
    """The seats of one worker.

    Args:
        slots: how many turns the worker can have in hand at once.
    """

    slots: int
    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _taken: set[int] = field(default_factory=set)
    _waiting: dict[UUID, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def half(self) -> int:
        """What is left to all others when one bot has all that it may have, and at least one."""
        return max(1, self.slots // 2)

    def take(self, row: int, seats: int) -> int | None:
        """Take one of the first ``seats`` of a row; None when all are taken, by whichever process."""
        with self._lock:
            for seat in range(row * ROW, row * ROW + seats):
                if seat not in self._taken and self._locked(seat):
                    self._taken.add(seat)
                    return seat
        return None

    def give_back(self, *seats: int | None) -> None:
        """Free seats; None is no seat."""
        with self._lock:
            for seat in self._taken.intersection(seats):
                if sys.platform != "win32":
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, seat)
                self._taken.discard(seat)

    def busy(self, bot_id: UUID) -> Busy:
        """Return when a turn that found no seat is begun again: one after another, and none before `AGAIN`."""
        now = time.monotonic()
        with self._lock:
            self._waiting = {bot: moment for bot, moment in self._waiting.items() if moment > now}
            moment = max(self._waiting.get(bot_id, 0.0) + PACE, now + AGAIN)
            self._waiting[bot_id] = moment
        return Busy(moment - now)

    def close(self) -> None:
        self._file.close()

    def _locked(self, seat: int) -> bool:
        """Lock a byte against other processes. Where pools do not fork there are none."""
        if sys.platform == "win32":
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, seat)
        except (BlockingIOError, PermissionError):
            return False
        return True


_room: Room | None = None


def open_room(slots: int) -> None:
    """Have calls take seats from now on. To be called in a worker's main process before its children are forked.

    Args:
        slots: how many turns the worker can have in hand at once.
    """
    global _room
    close_room()
    _room = Room(slots)


def close_room() -> None:
    """Have calls take no seats: for a process that is no worker any more."""
    global _room
    if _room is not None:
        _room.close()
    _room = None


@contextmanager
def seat(bot_id: UUID, limit: int, *, ailing: bool) -> Iterator[None]:
    """Have a seat for one call. Outside of a worker there are enough for all.

    Args:
        bot_id: whose call it is.
        limit: how many one bot may have at once; 0 for half of the worker's slots.
        ailing: the API did not answer last time. Such calls share one half of the slots, over all bots.

    Raises:
        Busy: none is free.
    """
    room = _room
    if room is None:
        yield
        return
    own = room.take(1 + bot_id.int % 2**40, limit or room.half)
    shared = room.take(AILING, room.half) if ailing and own is not None else None
    try:
        if own is None or (ailing and shared is None):
            raise room.busy(bot_id)
        yield
    finally:
        room.give_back(own, shared)
