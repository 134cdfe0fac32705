r"""Choosing the part of a pattern that RE2 searches for. A text that the pattern matches has every part of it.

RE2 keeps patterns that begin with literal characters in a tree, so they cost little, however many they are. All other
patterns it must try at each position of a text, one by one. So ``(\w+ ){3}menu`` is searched by its ``menu``.
"""

from __future__ import annotations

from collections.abc import Iterable

from permabots.engine.patterns.chars import ASCII, EVERY_WIDE, Chars
from permabots.engine.patterns.nodes import Anchor, Atomic, Branch, Group, Look, Node, Repeat, Sequence
from permabots.engine.patterns.re2_syntax import NEWLINE, char_piece

CERTAIN, CERTAIN_AT_START = 28, 14
"""The selectivity that the beginning of a pattern needs: that of four literal characters, or of two at the beginning
of the text."""

MAX_ALTERNATIVES = 64
"""An alternation with at most so many options becomes a pattern for each option."""

_CERTAIN_CHAR = 5  # the selectivity of one literal character, or of one in both cases with its other case variants


def chains(items: tuple[Node, ...], first: bool, final: bool) -> list[list[Node]]:
    """Return the ways to write a sequence without lookarounds: all elements, or a lookahead's for those after it.

    Args:
        items: the items of the sequence.
        first: no element that matches text is before it.
        final: no element is after it.
    """
    ways = [_without_looks(items, first)]
    for position, item in enumerate(items):
        if final and isinstance(item, Look) and item.ahead and not item.negative:
            ways.append([*_without_looks(items[:position], first), item.body])
    return ways


def select(items: list[Node], first: bool, final: bool) -> list[Node]:
    """Return the elements of a chain that RE2 searches for.

    Args:
        items: one of `chains`.
        first: as in `chains`.
        final: as in `chains`.
    """
    items = _without_idle_anchors(items, first, final)
    return _from_certain(_flat(items)) if first else items


def alternatives(items: list[Node]) -> list[list[Node]]:
    """Return a selected chain as it is, or a chain for each option where it begins with an alternation."""
    for position, item in enumerate(items[:2]):
        if isinstance(item, Branch) and len(item.options) <= MAX_ALTERNATIVES:
            before, after = items[:position], items[position + 1 :]
            return [select([*before, option, *after], first=True, final=True) for option in item.options]
    return [items]


def _without_looks(items: tuple[Node, ...], first: bool) -> list[Node]:
    """Leave out lookarounds and word boundaries, except the body of a positive lookbehind at the beginning."""
    kept: list[Node] = []
    for item in items:
        if _is_anchor(item, "boundary", "inside"):
            continue
        if not isinstance(item, Look):
            kept.append(item)
        elif first and not kept and not item.ahead and not item.negative:
            kept.append(item.body)
    return kept


def _without_idle_anchors(items: list[Node], first: bool, final: bool) -> list[Node]:
    """Leave out ``^`` before and ``$`` after an element that matches any line, as in ``^.*word.*$``."""
    if first and len(items) > 1 and _is_anchor(items[0], "start", "line start") and _takes_line(items[1], 0):
        items = items[1:]
    if final and len(items) > 1 and _is_anchor(items[-1], "end", "line end") and _takes_line(items[-2], -1):
        items = items[:-1]
    return items


def _is_anchor(node: Node, *kinds: str) -> bool:
    return isinstance(node, Anchor) and node.kind in kinds


def _takes_line(node: Node, edge: int) -> bool:
    """Whether an element begins (edge 0) or ends (-1) with a repeat that matches any whole line."""
    if isinstance(node, Group):
        return _takes_line(node.body, edge)
    if isinstance(node, Sequence):
        return bool(node.items) and _takes_line(node.items[edge], edge)
    if not isinstance(node, Repeat) or node.high is not None or not isinstance(node.body, Chars):
        return False
    return node.body.wide == EVERY_WIDE and (node.body.mask | NEWLINE) & ASCII == ASCII


def _flat(items: Iterable[Node]) -> list[Node]:
    """Return the items with groups and sequences replaced by their own items."""
    flat: list[Node] = []
    for item in items:
        if isinstance(item, Group | Atomic):
            flat += _flat((item.body,))
        elif isinstance(item, Sequence):
            flat += _flat(item.items)
        else:
            flat.append(item)
    return flat


def _from_certain(items: list[Node]) -> list[Node]:
    """Leave out the items before the first selective run of literal characters, or before the most selective one,
    unless the items begin with one."""
    opening = 1 if items and _is_anchor(items[0], "start", "line start") else 0
    runs = _runs(items)
    own = runs.get(opening, 0)
    if not runs or own >= (CERTAIN_AT_START if opening else CERTAIN):
        return items
    most = max(runs, key=runs.__getitem__)
    best = next((start for start, selectivity in runs.items() if selectivity >= CERTAIN), most)
    return items[best:] if runs[best] > own and runs[best] >= CERTAIN_AT_START else items


def _runs(items: list[Node]) -> dict[int, int]:
    """Return the runs of literal characters: the selectivity of each by the position of its beginning."""
    runs: dict[int, int] = {}
    start = 0
    for position, item in enumerate(items):
        if selectivity := _certainty(item):
            runs[start] = runs.get(start, 0) + selectivity
        else:
            start = position + 1
    return runs


def _certainty(node: Node) -> int:
    """Return the selectivity of an element that matches literal characters only, 0 for others."""
    if isinstance(node, Branch):
        options = [[_certainty(item) for item in _flat((option,))] for option in node.options]
        return min(sum(option) if all(option) else 0 for option in options)
    selectivity = char_piece(node).selectivity if isinstance(node, Chars) else 0
    return selectivity if selectivity >= _CERTAIN_CHAR else 0
