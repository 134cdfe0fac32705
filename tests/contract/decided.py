"""Where this project differs from the original on purpose: which recorded steps, in what, and by which decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.contract.recorded import Seen

ROWS: dict[str, str] = {}
"""Name of a decision -> the words that ``docs/differences.rst`` has for what permabots does now."""


@dataclass(frozen=True)
class Decision:
    """How a step differs.

    Args:
        rows: the decisions that explain it.
        change: makes what is wanted now of what was recorded.
    """

    rows: tuple[str, ...]
    change: Callable[[Seen], Seen]

    def applied_to(self, then: Seen) -> Seen:
        return self.change(then)


DECIDED: dict[tuple[str, int], Decision] = {}


def sends(*texts: str, **changes: Any) -> Callable[[Seen], Seen]:
    return lambda then: replace(then, sends=[{**then.sends[0], "text": text, **changes} for text in texts])
