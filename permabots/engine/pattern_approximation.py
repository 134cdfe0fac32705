r"""A pattern of RE2 that finds something in every text in which Python's `re` finds something, and rarely in others.

RE2 runs in linear time, many patterns at once, but knows fewer constructs and reads some differently. So whatever it
cannot say is left out or widened, never narrowed:

- a character: the ASCII ones exactly; above ASCII the ranges an author wrote, else all of them (``\w``, ``[^a]``);
- ``\b``, ``\B`` and negative lookarounds are left out;
- a positive lookahead takes the place of what follows it, if that asks more of a text and nothing comes after;
  a positive lookbehind at the beginning becomes ordinary text; all others are left out;
- ``$`` is the end of any line; atomic groups and possessive repeats are plain ones; a condition is an alternative;
- a backreference is any text; a repeat of something large is cut to fewer copies without an upper limit.

Since only finding counts, not where or how long, what may be empty at either end is left out too; and so is what
hardly narrows the choice before something like ``.*``, which RE2 would have to follow through each whole text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from permabots.engine.pattern_chars import ASCII, EVERY_WIDE, Chars, Range, ranges_of
from permabots.engine.pattern_nodes import (
    Anchor,
    Atomic,
    Backreference,
    Branch,
    Condition,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
)

LARGEST_REPEAT = 64
"""Elements that one repeat, with all repeats inside it, may be written out to."""

WORTH_KEEPING = 14
"""What must be asked for before a gap that takes any text, as two certain characters do, if as much is after it."""

_MOST_OF_ASCII = 120
_NOTHING = r"[^\x{0}-\x{10FFFF}]"
_ANCHORS = {"start": r"\A", "line start": "(?m:^)", "end": "(?m:$)", "line end": "(?m:$)", "text end": r"\z"}
_NEWLINE = 1 << 10


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of the result: its text, its elements, and how much it asks of a text."""

    text: str = ""
    size: int = 0
    demand: int = 0

    def __add__(self, other: _Piece) -> _Piece:
        return _Piece(self.text + other.text, self.size + other.size, self.demand + other.demand)


def approximate(root: Node) -> str:
    """Return the pattern for RE2; the empty pattern when every text may match."""
    text = _write(root, first=True, final=True).text
    return text if text.replace(r"\A", "") else ""


def _write(node: Node, first: bool, final: bool) -> _Piece:
    """Write one element. ``first``: nothing that takes text comes before it; ``final``: nothing comes after it."""
    return _WRITERS[type(node)](node, first, final)


def _sequence(node: Sequence, first: bool, final: bool) -> _Piece:
    """Write the rarest of what a sequence asks for: all of it, or a lookahead's text in place of what follows it."""
    chains = [_without_looks(node.items, first)]
    for position, item in enumerate(node.items):
        if final and isinstance(item, Look) and item.ahead and not item.negative:
            chains.append([*_without_looks(node.items[:position], first), item.body])
    return max((_chain(chain, first, final) for chain in chains), key=_demand)


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


def _chain(items: list[Node], first: bool, final: bool) -> _Piece:
    items = _without_idle_anchors(items, first, final)
    items = items[_worth_from(items) :] if first else items
    written = _Piece()
    for position, item in enumerate(items):
        written += _write(item, first and not written.text, final and position == len(items) - 1)
    return written


def _worth_from(items: list[Node]) -> int:
    """Return where to begin, so that no gap stands after little and before much; 0 for the beginning."""
    gaps = [position for position, item in enumerate(items) if _is_gap(item)]
    if not gaps:
        return 0
    demands = [_write(item, first=False, final=False).demand for item in items]
    idle = [gap for gap in gaps if sum(demands[:gap]) < WORTH_KEEPING <= sum(demands[gap:])]
    return idle[-1] if idle else 0


def _demand(piece: _Piece) -> int:
    return piece.demand


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
    return node.body.wide == EVERY_WIDE and (node.body.mask | _NEWLINE) & ASCII == ASCII


def _is_gap(node: Node) -> bool:
    """Whether an element takes almost any text, of any length."""
    if isinstance(node, Group):
        return _is_gap(node.body)
    if not isinstance(node, Repeat) or node.high is not None:
        return isinstance(node, Backreference)
    return isinstance(node.body, Chars) and (node.body.mask & ASCII).bit_count() > _MOST_OF_ASCII


def _chars(node: Chars, _first: bool, _final: bool) -> _Piece:
    return _class(node.mask & ASCII, node.wide)


@lru_cache(maxsize=8192)
def _class(low: int, wide: tuple[Range, ...]) -> _Piece:
    choices = low.bit_count() + len(wide)
    return _Piece(_class_text(low, wide), 1 + 4 * len(wide), 7 - min(7, (choices - 1).bit_length()))


def _class_text(low: int, wide: tuple[Range, ...]) -> str:
    if wide == EVERY_WIDE and low | _NEWLINE == ASCII:
        return "(?s:.)" if low & _NEWLINE else "."
    spans = [*ranges_of(code for code in range(128) if low >> code & 1), *wide]
    if not spans:
        return _NOTHING
    if len(spans) == 1 and spans[0][0] == spans[0][1]:
        return _char_text(spans[0][0])
    return "[" + "".join(_char_text(low) + (f"-{_char_text(high)}" if low < high else "") for low, high in spans) + "]"


def _char_text(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else f"\\x{{{code:x}}}"


def _anchor(node: Anchor, _first: bool, _final: bool) -> _Piece:
    return _Piece(_ANCHORS.get(node.kind, ""))


def _branch(node: Branch, first: bool, final: bool) -> _Piece:
    return _any_of([_write(option, first, final) for option in node.options], first or final)


def _condition(node: Condition, first: bool, final: bool) -> _Piece:
    return _any_of([_write(option, first, final) for option in (node.yes, node.no)], first or final)


def _any_of(options: list[_Piece], at_edge: bool) -> _Piece:
    texts = dict.fromkeys(option.text for option in options)
    if not any(texts) or (at_edge and not all(texts)):
        return _Piece()
    text = "(?:" + "|".join(texts) + ")"
    return _Piece(text, sum(option.size for option in options), min(option.demand for option in options))


def _body(node: Group | Atomic, first: bool, final: bool) -> _Piece:
    return _write(node.body, first, final)


def _look(node: Look, first: bool, final: bool) -> _Piece:
    return _sequence(Sequence((node,)), first, final)


def _repeat(node: Repeat, first: bool, final: bool) -> _Piece:
    if (first or final) and node.low == 1:
        return _write(node.body, first, final)
    body = _write(node.body, first=False, final=False)
    high = node.low if first or final else node.high
    if not body.text or high == 0:
        return _Piece()
    copies = max(1, LARGEST_REPEAT // max(1, body.size))
    low, high = min(node.low, copies), high if high is not None and high <= copies else None
    text = f"(?:{body.text}){_count(low, high)}"
    return _Piece(text, body.size * max(1, low, high or 0), body.demand * low)


def _count(low: int, high: int | None) -> str:
    if high is None:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return f"{{{low},{high}}}"


def _backreference(_node: Backreference, first: bool, final: bool) -> _Piece:
    return _Piece() if first or final else _Piece("(?s:.*)", 1)


_WRITERS: dict[type, Callable[[Any, bool, bool], _Piece]] = {
    Chars: _chars,
    Anchor: _anchor,
    Sequence: _sequence,
    Branch: _branch,
    Condition: _condition,
    Group: _body,
    Atomic: _body,
    Look: _look,
    Repeat: _repeat,
    Backreference: _backreference,
}
