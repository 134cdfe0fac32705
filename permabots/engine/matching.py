"""Choosing the handler that answers a text, with the reasons why the handlers before it do not.

RE2 searches a text for all patterns of a bot at once, so the cost of a message does not grow with the number of
handlers. RE2 gives candidates; each of them is then searched with the exact meaning of Python's `re`, in order, until
one matches.
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

MAX_REJECTED = 20
"""Rejected handlers that a `Match` lists at most."""

ALL_TIMEOUTS = 4
"""The time of all patterns together on one text, as a multiple of the time limit of one."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The reason why a handler was not chosen.

    Args:
        handler_id: the handler's id.
        name: the handler's name.
        reason: the handler is switched off (``disabled``), answers in other states only (``state``), does not match
            (``pattern``), took too long on this text (``timeout``), or its pattern does not compile (``broken``).
    """

    handler_id: str
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Match:
    """The result of `Matcher.find`.

    Args:
        handler: the handler that answers, None when no handler matches.
        groups: the named groups of its pattern; None for a group that did not take part.
        rejected: the rejections of the handlers before it, in order: the first ones, at most `MAX_REJECTED`.
        rejected_total: the number of handlers before it.
    """

    handler: HandlerDefinition | None
    groups: dict[str, str | None]
    rejected: tuple[Rejection, ...]
    rejected_total: int


class Matcher:
    """The handlers of one bot at one revision. Threads may share it.

    Args:
        handlers: in the order in which they are tried.
        timeout: seconds one pattern may run on one text. All together may run `ALL_TIMEOUTS` times as long; the
            patterns that are left then are rejected with ``timeout``.
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
        """Find the first enabled handler that answers in a state and whose pattern matches a text.

        Args:
            text: any text.
            state_id: the chat's present state, None for no state.
        """
        state = state_id if state_id in self._by_state else None
        budget = TimeBudget(self._timeout, self._timeout * ALL_TIMEOUTS)
        failed: dict[int, Reason] = {}
        for index in self._proposed(text, state):
            groups = self._search(index, text, budget, failed)
            if groups is not None:
                return Match(self._handlers[index], groups, self._rejected(index, state, failed), index)
        total = len(self._handlers)
        return Match(None, {}, self._rejected(total, state, failed), total)

    def _proposed(self, text: str, state: str | None) -> Iterable[int]:
        """Return the handlers whose pattern may match, in order: all that do match, and few others."""
        encoded = text.encode("utf-8", "surrogatepass")
        anywhere = self._anywhere.find(encoded)
        if state is None:
            return anywhere
        here = self._state_candidates(state).find(encoded)
        return heapq.merge(anywhere, here) if anywhere and here else anywhere or here

    def _search(
        self, index: int, text: str, budget: TimeBudget, failed: dict[int, Reason]
    ) -> dict[str, str | None] | None:
        try:
            return self._patterns[index].search(text, budget)
        except PatternTimeout:
            failed[index] = "timeout"
        except PatternError:
            failed[index] = "broken"
        return None

    def _state_candidates(self, state: str) -> CandidateSet:
        """Return the set of the handlers limited to a state; it is built for the first message in that state."""
        candidates = self._in_state.get(state)
        if candidates is None:  # two threads may both come here, and build equal sets
            candidates = self._in_state[state] = self._candidates(self._by_state[state])
        return candidates

    def _candidates(self, indexes: Iterable[int]) -> CandidateSet:
        patterns = ((index, self._patterns[index]) for index in indexes if index in self._patterns)
        return CandidateSet((index, text) for index, pattern in patterns for text in pattern.approximation)

    def _rejected(self, before: int, state: str | None, failed: dict[int, Reason]) -> tuple[Rejection, ...]:
        if state not in self._first_rejections:
            self._first_rejections[state] = tuple(
                Rejection(handler.id, handler.name, self._reason(index, state))
                for index, handler in enumerate(self._handlers[:MAX_REJECTED])
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
    """Return the patterns of the enabled handlers by index, without those that do not compile."""
    patterns: dict[int, Pattern] = {}
    for index, handler in enumerate(handlers):
        with suppress(PatternError):
            if handler.enabled:
                patterns[index] = pattern_of(handler.pattern)
    return patterns
