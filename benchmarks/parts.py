"""The parts of the benchmarks by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.endtoend import part as endtoend
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stand import Servers


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        about: what it measures, for the command line.
        measure: measures it with servers of its own.
    """

    about: str
    measure: Callable[[Servers, Options, Results], None]


PARTS = {
    "endtoend": Part("messages through every process: how many a second, how long people wait", endtoend.measure),
}
