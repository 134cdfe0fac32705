"""What is found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """An input with which something does not hold.

    Args:
        target: the target's name.
        kind: the error and where it came from: the same for inputs that find the same.
        words: what did not hold.
        data: the input.
    """

    target: str
    kind: str
    words: str
    data: bytes
