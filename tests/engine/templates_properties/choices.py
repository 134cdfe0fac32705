"""Choices that bytes decide: one draw of Hypothesis makes a whole template, and it shrinks as bytes do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

Option = TypeVar("Option")


class Choices:
    """Each choice takes a byte; the first option is the simplest, and taken when there are none left.

    Args:
        decisions: the bytes.
    """

    def __init__(self, decisions: bytes) -> None:
        self._decisions = iter(decisions)

    def below(self, limit: int) -> int:
        """Return a number from 0 on."""
        return next(self._decisions, 0) % limit

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        return options[self.below(len(options))]

    def chance(self, one_in: int) -> bool:
        """Return true once in so many times."""
        return self.below(one_in) == one_in - 1


def decisions(most: int = 400) -> st.SearchStrategy[bytes]:
    """Return the bytes that a template or values are made by."""
    return st.binary(min_size=most // 2, max_size=most)
