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
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import IO
from uuid import UUID

from permabots.exceptions import Busy

if sys.platform != "win32":
    import fcntl

ACQUIRE_TIMEOUT = 0.1
"""Seconds that a call waits in its place for a seat, where calls of its bot usually take less."""
POLL = 0.005
"""Seconds between two looks meanwhile."""
LONGEST = 1.0
"""Seconds after which a turn that found no seat is begun again where nobody else waits: as long as a call takes, up to
this."""
PACE = 0.1
"""Seconds between two turns of one bot that are begun again in one process: however many wait, they cost no more."""
KNOWN = 1000
"""Bots of which a process remembers how long their calls take."""
ROW = 2**20
"""Seats of one bot lie side by side; this is how far apart two bots are in the file, which stays empty."""
FAILING_POOL = 0
"""The row for calls to APIs that did not answer last time, whosever they are. Bots have the rows from 1 on."""


@dataclass(slots=True)
class LatencyEstimate:
    """What a process knows of the calls of one bot.

    Args:
        usual: seconds that a call keeps its seat, the newest counting most; `LONGEST` at most.
        booked: when the last of those that found no seat is begun again, by `time.monotonic`.
    """

    usual: float = 0.0
    booked: float = 0.0

    def took(self, seconds: float) -> None:
        """Learn from a call."""
        self.usual = (self.usual + min(seconds, LONGEST)) / 2

    def busy(self) -> Busy:
        """Learn from finding no seat, and say when the turn is begun again: one after another."""
        now = time.monotonic()
        self.usual = min(LONGEST, max(ACQUIRE_TIMEOUT, self.usual * 1.25))
        self.booked = max(self.booked + PACE, now + self.usual)
        return Busy(self.booked - now)


@dataclass(slots=True)
class Bulkhead:
    """The seats of one worker.

    Args:
        slots: how many turns the worker can have in hand at once.
    """

    slots: int
    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _taken: set[int] = field(default_factory=set)
    _habits: OrderedDict[UUID, LatencyEstimate] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def half(self) -> int:
        """What is left to all others when one bot has all that it may have, and at least one."""
        return max(1, self.slots // 2)

    @contextmanager
    def seat(self, bot_id: UUID, limit: int, *, failing: bool) -> Iterator[None]:
        """See `seat`."""
        rows = {1 + bot_id.int % 2**40: limit or self.half, **({FAILING_POOL: self.half} if failing else {})}
        habit = self._habit(bot_id)
        found = self._wait(rows, habit)
        began = time.monotonic()
        try:
            yield
        finally:
            self._give_back(found)
            habit.took(time.monotonic() - began)

    def close(self) -> None:
        self._file.close()

    def _habit(self, bot_id: UUID) -> LatencyEstimate:
        with self._lock:
            habit = self._habits.setdefault(bot_id, LatencyEstimate())
            self._habits.move_to_end(bot_id)
            while len(self._habits) > KNOWN:
                self._habits.popitem(last=False)
        return habit

    def _wait(self, rows: Mapping[int, int], habit: LatencyEstimate) -> set[int]:
        """Take a seat of each row; where calls are quick, wait a little for it."""
        until = time.monotonic() + ACQUIRE_TIMEOUT if habit.usual < ACQUIRE_TIMEOUT else 0.0
        while not (found := self._take(rows)):
            if time.monotonic() >= until:
                with self._lock:
                    raise habit.busy()
            time.sleep(POLL)
        return found

    def _take(self, rows: Mapping[int, int]) -> set[int]:
        """Take one seat of each row, or none at all."""
        found: set[int] = set()
        with self._lock:
            for row, seats in rows.items():
                free = next(filter(self._lock_seat, range(row * ROW, row * ROW + seats)), None)
                if free is None:
                    break
                found.add(free)
        if len(found) == len(rows):
            return found
        self._give_back(found)
        return set()

    def _give_back(self, found: set[int]) -> None:
        with self._lock:
            for seat in found:
                if sys.platform != "win32":
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, seat)
            self._taken -= found

    def _lock_seat(self, seat: int) -> bool:
        """Take one seat, if neither a thread of this process nor another process has it."""
        if seat in self._taken or not self._lock_byte(seat):
            return False
        self._taken.add(seat)
        return True

    def _lock_byte(self, seat: int) -> bool:
        """Lock a byte against other processes. Where pools do not fork there are none."""
        if sys.platform == "win32":
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, seat)
        except (BlockingIOError, PermissionError):
            return False
        return True


_room: Bulkhead | None = None


def init(slots: int) -> None:
    """Have calls take seats from now on. To be called in a worker's main process before its children are forked.

    Args:
        slots: how many turns the worker can have in hand at once.
    """
    global _room
    close()
    _room = Bulkhead(slots)


def close() -> None:
    """Have calls take no seats: for a process that is no worker any more."""
    global _room
    if _room is not None:
        _room.close()
    _room = None


@contextmanager
def slot(bot_id: UUID, limit: int, *, failing: bool) -> Iterator[None]:
    """Have a seat for one call. Outside of a worker there are enough for all.

    Args:
        bot_id: whose call it is.
        limit: how many one bot may have at once; 0 for half of the worker's slots.
        failing: the API did not answer last time. Such calls share one half of the slots, over all bots.

    Raises:
        Busy: none is free, nor is one about to be.
    """
    room = _room
    with nullcontext() if room is None else room.seat(bot_id, limit, failing=failing):
        yield
