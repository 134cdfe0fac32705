"""The limits of the templates of one answer: steps, bytes and depth are counted; the clock is a second safeguard."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from permabots.exceptions import RenderLimitExceeded

MAX_STEPS = 1_000_000
"""Nodes that the templates of one answer evaluate, and items that their operations walk through, together."""

MAX_BYTES = 32_000_000
"""Bytes of the values that the templates of one answer create, together."""

MAX_FRAMES = 500
"""Python's stack frames of one template: those of its macros, blocks and recursive loops, summed over open calls.

Python allows 1,000 in all; a worker or a web process itself takes about 100 of them, walking a deep value 200."""

MAX_UNDEFINED = 50
"""Undefined names that a budget notes at most."""

BYTES_PER_STEP = 1024
"""Bytes that Python compares, searches or copies in about the time of one step."""

PAUSED_AFTER = 0.002
"""Seconds of CPU time after which a template that has a share of it only makes a pause."""

_CHECKED_EVERY = 1_000
_NAME_CHARS = 100
_MAX_LINKS = 10


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """The limits of rendering.

    Args:
        timeout: seconds of CPU time that all templates of one answer may take, together. The limit of steps is reached
            first, unless the machine is very slow.
        max_chars: the longest output of one template, in characters.
        max_steps: nodes evaluated and items walked through, by all templates of one answer.
        max_bytes: bytes of values created, by all templates of one answer.
        cpu_share: the part of the time that templates compute, above 0 and at most 1; they sleep the rest of it. Less
            than 1 is for a process in which other people wait for the interpreter's lock.
    """

    timeout: float = 2.0
    max_chars: int = 100_000
    max_steps: int = MAX_STEPS
    max_bytes: int = MAX_BYTES
    cpu_share: float = 1.0


class Budget:
    """The rest of the limits for one answer, and the notes of its templates.

    Args:
        limits: the limits of the answer.
        hide: redacts a rendered text before an error quotes a part of it.

    Attributes:
        steps: steps that are left.
        bytes: bytes that are left.
        floor: `check` must be called as soon as `steps` is below it.
        frames: stack frames of open calls.
        undefined: undefined names that the templates used, dotted, in order, each once, `MAX_UNDEFINED` at most.
        refused_links: addresses of links that were left out, a few of them, neither shortened nor redacted.
    """

    __slots__ = (
        "_awake_since",
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
        self._awake_since = 0.0

    def spend(self, steps: int) -> None:
        """Charge steps, before they are taken.

        Raises:
            RenderLimitExceeded: fewer steps are left, or the CPU time is over.
        """
        self.steps -= steps
        if self.steps < self.floor:
            self.check()

    def make(self, count: int) -> None:
        """Charge bytes, before they are created, and the steps that writing them takes.

        Raises:
            RenderLimitExceeded: fewer bytes or steps are left.
        """
        self.bytes -= count
        if self.bytes < 0:
            raise RenderLimitExceeded(
                f"the templates of this answer make more than {self.limits.max_bytes:,} bytes of values"
            )
        if count >= BYTES_PER_STEP:
            self.spend(count // BYTES_PER_STEP)

    def make_text(self, chars: int) -> None:
        """Charge a text, before it is created: four bytes a character, the most that Python may need.

        Raises:
            RenderLimitExceeded: fewer bytes or steps are left.
        """
        self.bytes -= 4 * chars
        if self.bytes < 0 or chars >= BYTES_PER_STEP:
            self.make(0)
            self.spend(chars // (BYTES_PER_STEP // 4))

    def check(self) -> None:
        """Check steps and CPU time.

        Raises:
            RenderLimitExceeded: the steps or the CPU time are over.
        """
        if self.steps < 0:
            raise RenderLimitExceeded(f"the templates of this answer take more than {self.limits.max_steps:,} steps")
        now = time.thread_time()
        if self._deadline is None:
            self._deadline, self._awake_since = now + self._seconds, now
        elif now > self._deadline:
            raise RenderLimitExceeded(f"the templates of this answer compute longer than {self.limits.timeout:g} s")
        self.floor = max(0, self.steps - _CHECKED_EVERY)
        if self.limits.cpu_share < 1 and (computed := now - self._awake_since) > PAUSED_AFTER:
            time.sleep(computed / self.limits.cpu_share - computed)
            self._awake_since = now

    def pause(self) -> None:
        """Stop the clock at the end of a template."""
        if self._deadline is not None:
            self._seconds = self._deadline - time.thread_time()
            self._deadline = None
            self.floor = self.steps  # the next template's first step starts the clock again

    def enter(self, frames: int) -> None:
        """Begin a call. The caller subtracts its frames from `frames` when the call ends.

        Args:
            frames: stack frames of the call.

        Raises:
            RenderLimitExceeded: calls are nested too deeply.
        """
        self.frames += frames
        if self.frames > MAX_FRAMES:
            self.frames -= frames
            raise RenderLimitExceeded("it calls itself, or nests, too deeply")

    def note_undefined(self, name: str) -> None:
        """Note an undefined name that a template used."""
        short = name[:_NAME_CHARS]
        if len(self.undefined) < MAX_UNDEFINED and short not in self.undefined:
            self.undefined.append(short)

    def note_refused_link(self, address: str) -> None:
        """Note the address of a link whose scheme is not allowed."""
        if len(self.refused_links) < _MAX_LINKS:
            self.refused_links.append(address)
