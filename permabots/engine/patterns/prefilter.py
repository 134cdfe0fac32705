r"""Patterns for RE2 that match every text that Python's `re` matches, and few others.

RE2 searches for many patterns at once in linear time, but has fewer constructs and reads some differently. So a
construct that RE2 lacks is left out or widened, never narrowed:

- a character: the ASCII ones exactly; above ASCII the ranges an author wrote, else all of them (``\w``, ``[^a]``);
- ``\b``, ``\B`` and negative lookarounds are left out;
- a positive lookahead replaces the elements after it, if it is more selective than they are and ends the pattern;
  a positive lookbehind at the beginning becomes an ordinary group; all others are left out;
- ``$`` is the end of any line; atomic groups and possessive repeats are plain ones; a condition is an alternation;
- a backreference is any text; a repeat of a large element is cut to fewer copies without an upper limit.

Only whether a pattern matches counts, not where or how long the match is. So elements at either end that may match the
empty string are left out too, and elements that are not selective (`permabots.engine.patterns.prefilter_literals`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from permabots.engine.patterns.chars import Chars
from permabots.engine.patterns.nodes import (
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
from permabots.engine.patterns.prefilter_literals import alternatives, chains, select
from permabots.engine.patterns.re2_syntax import Piece, char_piece

MAX_REPEAT = 64
"""The size of one repeat when it is written out, with all repeats inside it, in elements."""

_ANCHORS = {"start": r"\A", "line start": "(?m:^)", "end": "(?m:$)", "line end": "(?m:$)", "text end": r"\z"}


def approximate(root: Node) -> tuple[str, ...]:
    """Return patterns for RE2, at least one of which matches every text that the pattern matches.

    An alternation at the beginning becomes a pattern for each option.

    Args:
        root: the tree of the pattern.

    Returns:
        The patterns; the empty pattern alone where every text may match.
    """
    items = root.items if isinstance(root, Sequence) else (root,)
    rarest, *others = (select(chain, first=True, final=True) for chain in chains(items, first=True, final=True))
    if others:
        rarest = max(rarest, *others, key=lambda chain: _joined(chain, first=True, final=True).selectivity)
    texts = dict.fromkeys(_joined(each, first=True, final=True).text for each in alternatives(rarest))
    return tuple(texts) if all(text.replace(r"\A", "") for text in texts) else ("",)


def _write(node: Node, first: bool, final: bool) -> Piece:
    """Write one element. ``first``: no element that matches text is before it; ``final``: no element is after it."""
    return _WRITERS[type(node)](node, first, final)


def _sequence(node: Sequence | Look, first: bool, final: bool) -> Piece:
    items = node.items if isinstance(node, Sequence) else (node,)
    selected = (select(chain, first, final) for chain in chains(items, first, final))
    return max((_joined(chain, first, final) for chain in selected), key=lambda piece: piece.selectivity)


def _joined(items: list[Node], first: bool, final: bool) -> Piece:
    written = Piece()
    for position, item in enumerate(items):
        written += _write(item, first and not written.text, final and position == len(items) - 1)
    return written


def _chars(node: Chars, _first: bool, _final: bool) -> Piece:
    return char_piece(node)


def _anchor(node: Anchor, _first: bool, _final: bool) -> Piece:
    return Piece(_ANCHORS.get(node.kind, ""))


def _branch(node: Branch, first: bool, final: bool) -> Piece:
    return _any_of([_write(option, first, final) for option in node.options], first or final)


def _condition(node: Condition, first: bool, final: bool) -> Piece:
    return _any_of([_write(option, first, final) for option in (node.yes, node.no)], first or final)


def _any_of(options: list[Piece], at_edge: bool) -> Piece:
    texts = dict.fromkeys(option.text for option in options)
    if not any(texts) or (at_edge and not all(texts)):
        return Piece()
    text = "(?:" + "|".join(texts) + ")"
    return Piece(text, sum(option.size for option in options), min(option.selectivity for option in options))


def _body(node: Group | Atomic, first: bool, final: bool) -> Piece:
    return _write(node.body, first, final)


def _repeat(node: Repeat, first: bool, final: bool) -> Piece:
    if (first or final) and node.low == 1:
        return _write(node.body, first, final)
    body = _write(node.body, first=False, final=False)
    high = node.low if first or final else node.high
    if not body.text or high == 0:
        return Piece()
    copies = max(1, MAX_REPEAT // max(1, body.size))
    low, high = min(node.low, copies), high if high is not None and high <= copies else None
    text = f"(?:{body.text}){_count(low, high)}"
    return Piece(text, body.size * max(1, low, high or 0), body.selectivity * low)


def _count(low: int, high: int | None) -> str:
    if high is None:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return f"{{{low},{high}}}"


def _backreference(_node: Backreference, first: bool, final: bool) -> Piece:
    return Piece() if first or final else Piece("(?s:.*)", 1)


_WRITERS: dict[type, Callable[[Any, bool, bool], Piece]] = {
    Chars: _chars,
    Anchor: _anchor,
    Sequence: _sequence,
    Branch: _branch,
    Condition: _condition,
    Group: _body,
    Atomic: _body,
    Look: _sequence,
    Repeat: _repeat,
    Backreference: _backreference,
}
