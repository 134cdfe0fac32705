"""How many calls to users' APIs are in flight in this worker, over all its processes and threads.

The slots are in a file that only this worker's processes have open.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from permabots.exceptions import Busy
from permabots.pipeline.user_api.slots import Slots, row_of

ACQUIRE_TIMEOUT = 0.1
"""Seconds that a call waits in its place for a slot, where calls of its owner usually take less."""
POLL = 0.005
"""Seconds between two looks meanwhile."""
LONGEST = 1.0
"""Seconds after which a turn that found no slot is begun again where nobody else waits: as long as a call takes, up to
this."""
SPACING = (0.1, 0.25)
"""Seconds between two turns of one owner that are begun again in one process, at least and at most: however many wait,
in however many bots, they cost no more. Between the two it is as long as it takes until a slot is free: a turn before
that would be in vain, and costs others as much as a message that is answered."""
KNOWN = 1000
"""Owners of whom a process remembers how long their calls take."""
FAILING_POOL = 0
"""The row for calls to APIs that did not answer last time, whosever they are."""
ALL_CALLS = 1
"""The row for all calls."""


@dataclass(slots=True)
class LatencyEstimate:
    """How long the calls of one owner's bots take, as far as one process knows.

    Args:
        usual: seconds that a call keeps its slot, the newest counting most; `LONGEST` at most.
        booked: when the last of those that found no slot is begun again, by `time.monotonic`.
    """

    usual: float = 0.0
    booked: float = 0.0

    def record_duration(self, seconds: float) -> None:
        """Record how long a call took."""
        self.usual = (self.usual + min(seconds, LONGEST)) / 2

    def busy(self, slots: int) -> Busy:
        """Record that none of ``slots`` was free, and return when the turn is begun again: one turn after another."""
        now = time.monotonic()
        self.usual = min(LONGEST, max(ACQUIRE_TIMEOUT, self.usual * 1.25))
        shortest, longest = SPACING
        spacing = min(longest, max(shortest, self.usual / slots))
        self.booked = max(self.booked + spacing, now + self.usual)
        return Busy(self.booked - now)


def _unnamed() -> Slots:
    return Slots(tempfile.TemporaryFile())


@dataclass(slots=True)
class Bulkhead:
    """The slots of one worker.

    Args:
        capacity: how many turns the worker can have in hand at once.
    """

    capacity: int
    _slots: Slots = field(default_factory=_unnamed)
    _estimates: OrderedDict[Any, LatencyEstimate] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def half(self) -> int:
        """Half of the slots, at least one: as many are left to others when one owner has all that they may."""
        return max(1, self.capacity // 2)

    @property
    def for_calls(self) -> int:
        """The slots that all calls together may have: a quarter, at least one, is left to turns that make none. A
        worker with one slot can leave none."""
        return max(1, self.capacity - max(1, self.capacity // 4))

    @contextmanager
    def slot(self, bot_id: UUID, owner_id: Any, limit: int, *, failing: bool) -> Iterator[None]:
        """See `slot`."""
        estimate = self._estimate(owner_id)
        rows = self._rows(bot_id, owner_id, limit, failing=failing)
        found = self._wait(rows, estimate)
        began = time.monotonic()
        try:
            yield
        finally:
            self._slots.give_back(found)
            estimate.record_duration(time.monotonic() - began)

    def close(self) -> None:
        self._slots.close()

    def _rows(self, bot_id: UUID, owner_id: Any, limit: int, *, failing: bool) -> dict[int, int]:
        """Return the rows that a call needs a slot of; the row that everybody shares is taken last."""
        own = {row_of(f"owner {owner_id}"): max(limit, self.half)}
        if limit:
            own = {row_of(f"bot {bot_id}"): limit} | own
        return own | ({FAILING_POOL: self.half} if failing else {}) | {ALL_CALLS: self.for_calls}

    def _estimate(self, owner_id: Any) -> LatencyEstimate:
        with self._lock:
            estimate = self._estimates.setdefault(owner_id, LatencyEstimate())
            self._estimates.move_to_end(owner_id)
            while len(self._estimates) > KNOWN:
                self._estimates.popitem(last=False)
        return estimate

    def _wait(self, rows: Mapping[int, int], estimate: LatencyEstimate) -> set[int]:
        """Take a slot of each row; where calls are quick, wait a little for it."""
        until = time.monotonic() + ACQUIRE_TIMEOUT if estimate.usual < ACQUIRE_TIMEOUT else 0.0
        while not (found := self._slots.take(rows)):
            if time.monotonic() >= until:
                with self._lock:
                    raise estimate.busy(min(rows.values()))
            time.sleep(POLL)
        return found


_bulkhead: Bulkhead | None = None


def init(capacity: int) -> None:
    """Have calls take slots from now on. To be called in a worker's main process before its children are forked.

    Args:
        capacity: how many turns the worker can have in hand at once.
    """
    global _bulkhead
    close()
    _bulkhead = Bulkhead(capacity)


def is_used() -> bool:
    """Return whether calls take slots."""
    return _bulkhead is not None


def close() -> None:
    """Have calls take no slots: for a process that is no worker any more."""
    global _bulkhead
    if _bulkhead is not None:
        _bulkhead.close()
    _bulkhead = None


@contextmanager
def slot(bot_id: UUID, owner_id: Any, limit: int, *, failing: bool) -> Iterator[None]:
    """Have a slot for one call. Outside of a worker there are enough for all.

    Args:
        bot_id: whose call it is.
        owner_id: the user that the bot belongs to. All bots of one owner have half of the worker's capacity together,
            or ``limit`` where that is more; all owners leave a quarter of it.
        limit: how many one bot may have at once; 0 for as many as its owner.
        failing: the API did not answer last time. Such calls share one half of the capacity, over all bots.

    Raises:
        Busy: none is free, nor is one about to be.
    """
    bulkhead = _bulkhead
    with nullcontext() if bulkhead is None else bulkhead.slot(bot_id, owner_id, limit, failing=failing):
        yield
