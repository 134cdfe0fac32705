"""One target, tried on input after input."""

from __future__ import annotations

import os
import random
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.finding import Finding
from tests.fuzz.mutator import Mutator
from tests.fuzz.targets import Target

CORPUS = Path(__file__).parent / "corpus"
SLOW = 3.0
"""Seconds of processor time that one input may take."""
_MOST_KEPT = 4_000
_ROOT = str(Path(__file__).parents[2])
_CUTS = 150
"""How often a finding is tried smaller."""


@dataclass
class Loop:
    """A target with the inputs that it is tried on.

    Args:
        target: the target.
        chance: what decides.
        before: is called with each input before it is tried.
    """

    target: Target
    chance: random.Random
    before: Callable[[bytes], object] = lambda data: None
    executions: int = 0
    slowest: float = 0.0
    outcomes: set[str] = field(default_factory=set)
    findings: dict[str, Finding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pool = [*corpus(self.target.name), *self.target.seeds()]
        self.seeds = len(self._pool)
        self._mutator = Mutator(self.chance, self.target.words)

    def run(self, until: Callable[[], bool]) -> Iterator[Finding]:
        """Try all there is, then mutations of it, until told to stop; yields what is found, once each."""
        for data in self._inputs():
            if until():
                return
            finding = self.attempt(data)
            if finding is not None and finding.kind not in self.findings:
                self.findings[finding.kind] = finding
                yield self._smaller(finding)

    def attempt(self, data: bytes) -> Finding | None:
        """Try one input."""
        self.before(data)
        self.executions += 1
        began = time.thread_time()
        finding, outcome = None, ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                outcome = self.target.run(data)
        except Exception as error:  # noqa: BLE001 - that there is one at all is what is looked for
            finding = Finding(self.target.name, kind_of(error), f"{type(error).__name__}: {error}"[:500], data)
        seconds = time.thread_time() - began
        self.slowest = max(self.slowest, seconds)
        if finding is None and seconds > SLOW:
            finding = Finding(self.target.name, "slow", f"{seconds:.1f} s of processor time", data)
        if outcome and outcome not in self.outcomes and len(self._pool) < _MOST_KEPT:
            self.outcomes.add(outcome)
            self._pool.append(data)
        return finding

    def _inputs(self) -> Iterator[bytes]:
        yield from list(self._pool)
        while True:
            yield self._mutator.mutated(self.chance.choice(self._pool), self._pool)

    def _smaller(self, finding: Finding) -> Finding:
        """Return the same finding with as little of its input as needed; what is slow stays as it is."""
        if finding.kind == "slow":
            return finding
        size = max(1, len(finding.data) // 2)
        for _ in range(_CUTS):
            start = self.chance.randrange(0, max(1, len(finding.data)))
            less = finding.data[:start] + finding.data[start + size :]
            again = self.attempt(less) if len(less) < len(finding.data) else None
            if again is not None and again.kind == finding.kind:
                finding = again
            elif self.chance.random() < 0.1:
                size = max(1, size // 2)
            size = min(size, max(1, len(finding.data) // 2))
        return finding


def corpus(name: str) -> Sequence[bytes]:
    """Return the seeds of a target that are kept."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def kind_of(error: BaseException) -> str:
    """Return the error's class and the last line of ours that it passed, outside of the fuzzing itself."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_ROOT) and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    return f"{type(error).__name__} at {os.path.relpath(frame.filename, _ROOT)}:{frame.lineno}"
