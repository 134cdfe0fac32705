"""Which handler answers a text, and why the ones before it do not.

RE2 looks for all patterns of a bot at once, so the cost of a message does not grow with the number of handlers. It
proposes; each proposed pattern is then searched with the exact meaning of Python's `re`, in order, until one fits.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from permabots.engine.definitions import HandlerDefinition
from permabots.engine.patterns import CandidateSet, Pattern, TimeBudget, pattern_of
from permabots.exceptions import PatternError, PatternTimeout

Reason: TypeAlias = Literal["disabled", "state", "pattern", "timeout", "broken"]

MOST_REJECTED = 20
"""Handlers before the winner that a match tells about."""

ALL_TIMEOUTS = 4
"""Time limits of one pattern that all patterns together may use up on one text."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a handler was passed over.

    Args:
        handler_id: the handler's id.
        name: its name.
        reason: it is switched off (``disabled``), answers in other states only (``state``), does not match
            (``pattern``), took too long on this text (``timeout``), or does not compile (``broken``).
    """

    handler_id: str
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Match:
    """What `Matcher.find` found.

    Args:
        handler: the winner, None when no handler fits.
        groups: the named groups of its pattern; None for one that took no part.
        rejected: why the first handlers before it did not fit, in order, at most `MOST_REJECTED`.
        rejected_total: how many handlers were before it.
    """

    handler: HandlerDefinition | None
    groups: dict[str, str | None]
    rejected: tuple[Rejection, ...]
    rejected_total: int


class Matcher:
    """The handlers of one bot at one revision. Threads may share it.

    Args:
        handlers: in the order they are tried.
        timeout: seconds one pattern may run on one text. All together may run `ALL_TIMEOUTS` times as long; what is
            left then is passed over as too slow.
    """

    def __init__(self, handlers: Sequence[HandlerDefinition], *, timeout: float) -> None:
        self._handlers = tuple(handlers)
        self._timeout = timeout
        self._patterns = _patterns(self._handlers)
        self._by_state: dict[str, list[int]] = {}
        for index, handler in enumerate(self._handlers):
            for state in handler.source_states:
                self._by_state.setdefault(state, []).append(index)
        self._anywhere = self._candidates(index for index, it in enumerate(self._handlers) if not it.source_states)
        self._in_state: dict[str, CandidateSet] = {}
        self._first_rejections: dict[str | None, tuple[Rejection, ...]] = {}

    def find(self, text: str, state_id: str | None) -> Match:
        """Return the first enabled handler that answers in a state and whose pattern is found in a text.

        Args:
            text: any text.
            state_id: the chat's present state, None before any.
        """
        state = state_id if state_id in self._by_state else None
        allowance = TimeBudget(self._timeout, self._timeout * ALL_TIMEOUTS)
        failed: dict[int, Reason] = {}
        for index in self._proposed(text, state):
            groups = self._search(index, text, allowance, failed)
            if groups is not None:
                return Match(self._handlers[index], groups, self._rejected(index, state, failed), index)
        total = len(self._handlers)
        return Match(None, {}, self._rejected(total, state, failed), total)

    def _proposed(self, text: str, state: str | None) -> Iterable[int]:
        """Return the handlers whose pattern may match, in order: all that match, and few others."""
        encoded = text.encode("utf-8", "surrogatepass")
        anywhere = self._anywhere.find(encoded)
        if state is None:
            return anywhere
        here = self._state_candidates(state).find(encoded)
        return heapq.merge(anywhere, here) if anywhere and here else anywhere or here

    def _search(
        self, index: int, text: str, allowance: TimeBudget, failed: dict[int, Reason]
    ) -> dict[str, str | None] | None:
        try:
            return self._patterns[index].search(text, allowance)
        except PatternTimeout:
            failed[index] = "timeout"
        except PatternError:
            failed[index] = "broken"
        return None

    def _state_candidates(self, state: str) -> CandidateSet:
        """Return the handlers bound to a state, as a set made when the first chat in it writes."""
        found = self._in_state.get(state)
        if found is None:  # two threads may both come here, and make the same
            found = self._in_state[state] = self._candidates(self._by_state[state])
        return found

    def _candidates(self, indexes: Iterable[int]) -> CandidateSet:
        patterns = ((index, self._patterns[index]) for index in indexes if index in self._patterns)
        return CandidateSet((index, text) for index, pattern in patterns for text in pattern.approximation)

    def _rejected(self, before: int, state: str | None, failed: dict[int, Reason]) -> tuple[Rejection, ...]:
        if state not in self._first_rejections:
            self._first_rejections[state] = tuple(
                Rejection(handler.id, handler.name, self._reason(index, state))
                for index, handler in enumerate(self._handlers[:MOST_REJECTED])
            )
        rejected = self._first_rejections[state][:before]
        if not failed:
            return rejected
        return tuple(replace(it, reason=failed.get(index, it.reason)) for index, it in enumerate(rejected))

    def _reason(self, index: int, state: str | None) -> Reason:
        handler = self._handlers[index]
        if not handler.enabled:
            return "disabled"
        if handler.source_states and state not in handler.source_states:
            return "state"
        return "pattern" if index in self._patterns else "broken"


def _patterns(handlers: Sequence[HandlerDefinition]) -> dict[int, Pattern]:
    """Return the patterns of the enabled handlers by place, without those that do not compile."""
    found: dict[int, Pattern] = {}
    for index, handler in enumerate(handlers):
        with suppress(PatternError):
            if handler.enabled:
                found[index] = pattern_of(handler.pattern)
    return found
