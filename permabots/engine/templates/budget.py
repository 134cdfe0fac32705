"""What the templates of one answer may cost: steps, bytes and depth, counted; the clock is only a belt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from permabots.exceptions import RenderLimitExceeded

MAX_STEPS = 1_000_000
"""Nodes that the templates of one answer evaluate, and items that their operations walk."""

MAX_BYTES = 32_000_000
"""Bytes that they make, together."""

MAX_FRAMES = 500
"""Python's frames that one template may nest: what a macro, a block or a recursive loop needs, summed over open calls.

Python allows 1,000 for all; a worker's or a web process's own take about 100 of them, walking a deep value 200."""

MAX_UNDEFINED = 50
"""Undefined names that are remembered."""

BYTES_PER_STEP = 1024
"""Bytes that are compared, searched or copied in about the time of one step."""

_CHECKED_EVERY = 1_000
_NAME_CHARS = 100
_MAX_LINKS = 10


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """What rendering may cost.

    Args:
        timeout: seconds of CPU time that all templates of one answer may take, together. Steps run out first, unless
            the machine is very slow.
        max_chars: the longest output of one template, in characters.
        max_steps: nodes evaluated and items walked, by all templates of one answer.
        max_bytes: bytes made, by all templates of one answer.
    """

    timeout: float = 2.0
    max_chars: int = 100_000
    max_steps: int = MAX_STEPS
    max_bytes: int = MAX_BYTES


class Budget:
    """What is left of the limits for one answer; and what its templates noted meanwhile.

    Args:
        limits: what the answer may cost.
        hide: takes secrets out of a text that has been rendered, before an error quotes a part of it.

    Attributes:
        steps: steps that are left.
        bytes: bytes that are left.
        floor: `check` must be called as soon as `steps` is below it.
        frames: frames that are open.
        undefined: names that were used though they are not defined, dotted, in order, each once, `MAX_UNDEFINED` at
            most.
        refused_links: addresses of links that have become their words, a few of them, not shortened: who shows them
            takes secrets out first.
    """

    __slots__ = (
        "_deadline",
        "_seconds",
        "bytes",
        "floor",
        "frames",
        "hide",
        "limits",
        "refused_links",
        "steps",
        "undefined",
    )

    def __init__(self, limits: RenderLimits, hide: Callable[[str], str] = str) -> None:
        self.limits = limits
        self.hide = hide
        self.steps = limits.max_steps
        self.bytes = limits.max_bytes
        self.floor = max(0, self.steps - _CHECKED_EVERY)
        self.frames = 0
        self.undefined: list[str] = []
        self.refused_links: list[str] = []
        self._seconds = limits.timeout
        self._deadline: float | None = None

    def spend(self, steps: int) -> None:
        """Charge steps, before they are made.

        Raises:
            RenderLimitExceeded: there are not so many left, or the CPU time is over.
        """
        self.steps -= steps
        if self.steps < self.floor:
            self.check()

    def make(self, count: int) -> None:
        """Charge bytes that will come into being, and the steps that it takes to write them.

        Raises:
            RenderLimitExceeded: there are not so many left.
        """
        self.bytes -= count
        if self.bytes < 0:
            raise RenderLimitExceeded(
                f"the templates of this answer make more than {self.limits.max_bytes:,} bytes of values"
            )
        if count >= BYTES_PER_STEP:
            self.spend(count // BYTES_PER_STEP)

    def make_text(self, chars: int) -> None:
        """Charge a text that will come into being: four bytes a character, as Python may need."""
        self.bytes -= 4 * chars
        if self.bytes < 0 or chars >= BYTES_PER_STEP:
            self.make(0)
            self.spend(chars // (BYTES_PER_STEP // 4))

    def check(self) -> None:
        """Look at the clock, and refuse to go on when steps or time are over.

        Raises:
            RenderLimitExceeded: they are.
        """
        if self.steps < 0:
            raise RenderLimitExceeded(f"the templates of this answer take more than {self.limits.max_steps:,} steps")
        now = time.thread_time()
        if self._deadline is None:
            self._deadline = now + self._seconds
        elif now > self._deadline:
            raise RenderLimitExceeded(f"the templates of this answer compute longer than {self.limits.timeout:g} s")
        self.floor = max(0, self.steps - _CHECKED_EVERY)

    def pause(self) -> None:
        """Stop the clock: a template has ended."""
        if self._deadline is not None:
            self._seconds = self._deadline - time.thread_time()
            self._deadline = None
            self.floor = self.steps  # the next template's first step starts it again

    def enter(self, frames: int) -> None:
        """Open a call; whoever does takes `frames` off again when it ends.

        Raises:
            RenderLimitExceeded: calls are nested too deeply.
        """
        self.frames += frames
        if self.frames > MAX_FRAMES:
            self.frames -= frames
            raise RenderLimitExceeded("it calls itself, or nests, too deeply")

    def note_undefined(self, name: str) -> None:
        """Remember the name of something used though it is not defined."""
        short = name[:_NAME_CHARS]
        if len(self.undefined) < MAX_UNDEFINED and short not in self.undefined:
            self.undefined.append(short)

    def note_refused_link(self, address: str) -> None:
        """Remember an address that no link may have."""
        if len(self.refused_links) < _MAX_LINKS:
            self.refused_links.append(address)
