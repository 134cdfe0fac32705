"""What a target is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what strangers or authors write.

    Args:
        name: its name, and that of its folder in the corpus.
        run: takes an input; returns the outcome in a few words, or raises what was found.
        seeds: returns inputs to begin with, beside those in the corpus.
        words: tokens that mean something to it.
    """

    name: str
    run: Callable[[bytes], str]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[bytes, ...] = ()
