r"""What of a pattern RE2 should look for: whatever is left out, a text that the pattern matches still has the rest.

Patterns that begin with certain characters cost RE2 little, however many they are: it keeps them in a tree. All others
it must follow up from each place of a text on, each by itself. So ``(\w+ ){3}menu`` is looked for by its ``menu``.
"""

from __future__ import annotations

from collections.abc import Iterable

from permabots.engine.patterns.chars import ASCII, EVERY_WIDE, Chars
from permabots.engine.patterns.nodes import Anchor, Atomic, Branch, Group, Look, Node, Repeat, Sequence
from permabots.engine.patterns.re2_syntax import NEWLINE, char_piece

CERTAIN, CERTAIN_AT_START = 28, 14
"""What a beginning must ask of a text: four certain characters, or two at the beginning of the text."""

MOST_ALTERNATIVES = 64
"""Options of an alternation that become patterns of their own."""

_CERTAIN_CHAR = 5  # one character, or one in both cases with its relatives


def chains(items: tuple[Node, ...], first: bool, final: bool) -> list[list[Node]]:
    """Return what a sequence asks for without lookarounds: all of it, or a lookahead's text in place of what follows.

    Args:
        items: of the sequence.
        first: nothing that takes text comes before it.
        final: nothing comes after it.
    """
    found = [_without_looks(items, first)]
    for position, item in enumerate(items):
        if final and isinstance(item, Look) and item.ahead and not item.negative:
            found.append([*_without_looks(items[:position], first), item.body])
    return found


def select(items: list[Node], first: bool, final: bool) -> list[Node]:
    """Return what is worth looking for of a chain."""
    items = _without_idle_anchors(items, first, final)
    return _from_certain(_flat(items)) if first else items


def alternatives(items: list[Node]) -> list[list[Node]]:
    """Return a whole selected chain, or one for each option where it begins with an alternation."""
    for position, item in enumerate(items[:2]):
        if isinstance(item, Branch) and len(item.options) <= MOST_ALTERNATIVES:
            before, after = items[:position], items[position + 1 :]
            return [select([*before, option, *after], first=True, final=True) for option in item.options]
    return [items]


def _without_looks(items: tuple[Node, ...], first: bool) -> list[Node]:
    """Leave out what only looks around, but for a lookbehind's text where nothing comes before it."""
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
    """Leave out ``^`` before and ``$`` after something that takes any line, as in ``^.*word.*$``."""
    if first and len(items) > 1 and _is_anchor(items[0], "start", "line start") and _takes_line(items[1], 0):
        items = items[1:]
    if final and len(items) > 1 and _is_anchor(items[-1], "end", "line end") and _takes_line(items[-2], -1):
        items = items[:-1]
    return items


def _is_anchor(node: Node, *kinds: str) -> bool:
    return isinstance(node, Anchor) and node.kind in kinds


def _takes_line(node: Node, edge: int) -> bool:
    """Whether an element begins (edge 0) or ends (-1) with something that takes all of any line."""
    if isinstance(node, Group):
        return _takes_line(node.body, edge)
    if isinstance(node, Sequence):
        return bool(node.items) and _takes_line(node.items[edge], edge)
    if not isinstance(node, Repeat) or node.high is not None or not isinstance(node.body, Chars):
        return False
    return node.body.wide == EVERY_WIDE and (node.body.mask | NEWLINE) & ASCII == ASCII


def _flat(items: Iterable[Node]) -> list[Node]:
    """Return the items of groups and sequences in place of them."""
    found: list[Node] = []
    for item in items:
        if isinstance(item, Group | Atomic):
            found += _flat((item.body,))
        elif isinstance(item, Sequence):
            found += _flat(item.items)
        else:
            found.append(item)
    return found


def _from_certain(items: list[Node]) -> list[Node]:
    """Leave out what is before the first certain characters, or the most, unless it begins with such itself."""
    opening = 1 if items and _is_anchor(items[0], "start", "line start") else 0
    runs = _runs(items)
    own = runs.get(opening, 0)
    if not runs or own >= (CERTAIN_AT_START if opening else CERTAIN):
        return items
    most = max(runs, key=runs.__getitem__)
    best = next((start for start, selectivity in runs.items() if selectivity >= CERTAIN), most)
    return items[best:] if runs[best] > own and runs[best] >= CERTAIN_AT_START else items


def _runs(items: list[Node]) -> dict[int, int]:
    """Return where runs of certain characters begin, and what each asks."""
    runs: dict[int, int] = {}
    start = 0
    for position, item in enumerate(items):
        if selectivity := _certainty(item):
            runs[start] = runs.get(start, 0) + selectivity
        else:
            start = position + 1
    return runs


def _certainty(node: Node) -> int:
    """Return what an element asks for if it takes certain characters only, else 0."""
    if isinstance(node, Branch):
        options = [[_certainty(item) for item in _flat((option,))] for option in node.options]
        return min(sum(option) if all(option) else 0 for option in options)
    selectivity = char_piece(node).selectivity if isinstance(node, Chars) else 0
    return selectivity if selectivity >= _CERTAIN_CHAR else 0
