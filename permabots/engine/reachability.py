"""The states that chats can reach, and the handlers that can never be chosen. Only certain cases are reported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Literal, TypeAlias

from permabots.engine.definitions import HandlerDefinition
from permabots.engine.patterns import check_pattern
from permabots.engine.patterns.nodes import Anchor, Branch, Group, Node, Repeat
from permabots.engine.patterns.nodes import Sequence as Row
from permabots.engine.patterns.tree import parse
from permabots.exceptions import PatternError

Reason: TypeAlias = Literal["disabled", "broken", "shadowed", "unreached"]
Kind: TypeAlias = Literal["broken", "slow", "steady", "every text"]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The reason why a handler can never be chosen.

    Args:
        reason: the handler is ``disabled``, its pattern does not compile (``broken``), an earlier handler matches
            every message that it could match (``shadowed``), or it answers only in states that no chat can reach
            (``unreached``).
        by: the name of the first handler that shadows it; "" for other reasons.
    """

    reason: Reason
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """The result of `reach`.

    Args:
        states: the ids of the states that chats are in or can reach.
        unreachable: the handlers that can never be chosen: the reason by the handler's id.
    """

    states: frozenset[str]
    unreachable: dict[str, Unreachable]


def reach(handlers: Sequence[HandlerDefinition], occupied: Collection[str] = ()) -> Reach:
    """Return the states that chats can reach, and the handlers that can never be chosen.

    Args:
        handlers: in the order in which they are tried.
        occupied: the ids of states that chats are in already.
    """
    unreachable: dict[str, Unreachable] = {}
    before: list[HandlerDefinition] = []
    takers = _Takers()
    for handler in handlers:
        if (reason := _unreachable(handler, takers)) is not None:
            unreachable[handler.id] = reason
        else:
            before.append(handler)
            takers.add(handler)
    states = _closure(before, occupied)
    unreached = (it for it in before if it.source_states and not it.source_states & states)
    return Reach(frozenset(states), unreachable | {it.id: Unreachable("unreached") for it in unreached})


def matches_every_text(pattern: str) -> bool:
    """Return whether a pattern certainly matches every text, and fast; False for such patterns that are not recognised.

    Args:
        pattern: a regular expression, also one that does not compile.
    """
    return _kind(pattern) == "every text"


@lru_cache(maxsize=1 << 15)  # as many as `pattern_of` keeps
def _kind(pattern: str) -> Kind:
    """Return ``broken`` for a pattern that does not compile, ``slow`` where a text can make it so slow that its handler
    is rejected with ``timeout``, ``every text`` where it certainly matches every text, else ``steady``."""
    try:
        if check_pattern(pattern).kind != "linear":
            return "slow"
        return "every text" if _always(parse(pattern).root) else "steady"
    except PatternError:
        return "broken"


class _Takers:
    """The handlers that take messages from later ones: for each state only the first that matches every text, and the
    first with each pattern. So no handler is compared with all before it."""

    def __init__(self) -> None:
        self._first: dict[tuple[str | None, str | None], tuple[int, HandlerDefinition]] = {}
        """(pattern, None for all patterns; state, None for everywhere) -> its place and the first handler."""

    def add(self, handler: HandlerDefinition) -> None:
        """Add a handler that is tried after those that were added before."""
        if (kind := _kind(handler.pattern)) == "slow":
            return
        entry = len(self._first), handler
        for state in handler.source_states or (None,):
            self._first.setdefault((handler.pattern if kind == "steady" else None, state), entry)

    def first(self, pattern: str, state: str | None) -> HandlerDefinition | None:
        """Return the first handler that matches every text that a pattern matches.

        Args:
            pattern: the pattern.
            state: the state that both answer in; None for a handler that answers everywhere.
        """
        found = [self._first.get((of, where)) for of in (None, pattern) for where in {None, state}]
        return min((it for it in found if it is not None), key=itemgetter(0), default=(0, None))[1]


def _closure(handlers: Iterable[HandlerDefinition], occupied: Iterable[str]) -> set[str]:
    """Return the states that can be reached from the occupied ones and from no state."""
    targets: dict[str | None, list[str]] = {}
    for handler in handlers:
        if handler.target_state is not None:
            for source in handler.source_states or (None,):
                targets.setdefault(source, []).append(handler.target_state.id)
    states = {*occupied, *targets.get(None, ())}
    waiting = list(states)
    while waiting:
        new = set(targets.get(waiting.pop(), ())) - states
        states |= new
        waiting += new
    return states


def _unreachable(handler: HandlerDefinition, takers: _Takers) -> Unreachable | None:
    if not handler.enabled:
        return Unreachable("disabled")
    if _kind(handler.pattern) == "broken":
        return Unreachable("broken")
    shadowing = []
    for state in sorted(handler.source_states) or (None,):
        if (taker := takers.first(handler.pattern, state)) is None:
            return None
        shadowing.append(taker)
    return Unreachable("shadowed", shadowing[0].name)


def _always(node: Node) -> bool:
    """Whether an element can match the empty string at the start of every text, in one of the ways that are tried."""
    match node:
        case Row(items):
            return all(map(_always, items))
        case Branch(options):
            return any(map(_always, options))
        case Group(body=body):
            return _always(body)
        case Repeat(body=body, low=low, mode=mode):
            return mode != "possessive" and (low == 0 or _always(body))
        case Anchor(kind=kind):
            return kind in ("start", "line start")
    return False
