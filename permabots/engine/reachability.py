"""The states that chats can reach, and the handlers that can never be chosen. Only certain cases are reported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from permabots.engine.definitions import HandlerDefinition
from permabots.engine.patterns import check_pattern
from permabots.engine.patterns.nodes import Anchor, Branch, Group, Node, Repeat
from permabots.engine.patterns.nodes import Sequence as Row
from permabots.engine.patterns.tree import parse
from permabots.exceptions import PatternError

Reason: TypeAlias = Literal["disabled", "broken", "shadowed", "unreached"]


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
    for handler in handlers:
        if (reason := _unreachable(handler, before)) is not None:
            unreachable[handler.id] = reason
        else:
            before.append(handler)
    states = _closure(before, set(occupied))
    unreached = (it for it in before if it.source_states and not it.source_states & states)
    return Reach(frozenset(states), unreachable | {it.id: Unreachable("unreached") for it in unreached})


@lru_cache(maxsize=1024)
def matches_every_text(pattern: str) -> bool:
    """Return whether a pattern certainly matches every text, and fast; False for such patterns that are not recognised.

    Args:
        pattern: a regular expression, also one that does not compile.
    """
    try:
        return _steady(pattern) and _always(parse(pattern).root)
    except PatternError:
        return False


def _closure(handlers: Iterable[HandlerDefinition], states: set[str]) -> set[str]:
    """Return the states that can be reached from the given ones and from no state."""
    targets = [(it.source_states, it.target_state.id) for it in handlers if it.target_state is not None]
    size = -1
    while size != len(states):
        size = len(states)
        states = states | {target for sources, target in targets if not sources or sources & states}
    return states


def _unreachable(handler: HandlerDefinition, before: Iterable[HandlerDefinition]) -> Unreachable | None:
    if not handler.enabled:
        return Unreachable("disabled")
    try:
        check_pattern(handler.pattern)
    except PatternError:
        return Unreachable("broken")
    takers = [it for it in before if _matches_all_of(it, handler)]
    if not handler.source_states:
        first = next((it for it in takers if not it.source_states), None)
        return Unreachable("shadowed", first.name) if first is not None else None
    places = [_first_match_in(state, takers) for state in sorted(handler.source_states)]
    shadowing = [it for it in places if it is not None]
    return Unreachable("shadowed", shadowing[0].name) if len(shadowing) == len(places) else None


def _first_match_in(state: str, takers: Iterable[HandlerDefinition]) -> HandlerDefinition | None:
    return next((it for it in takers if not it.source_states or state in it.source_states), None)


def _matches_all_of(taker: HandlerDefinition, other: HandlerDefinition) -> bool:
    """Whether `taker` matches every text that `other` matches, in the states where both answer."""
    if taker.pattern == other.pattern:
        return _steady(taker.pattern)
    return matches_every_text(taker.pattern)


@lru_cache(maxsize=1024)
def _steady(pattern: str) -> bool:
    """Whether no text makes a pattern so slow that its handler is rejected with ``timeout``."""
    return check_pattern(pattern).kind == "linear"


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
