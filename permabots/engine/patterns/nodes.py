"""The elements of a regular expression. Flags are resolved: each element holds the ones that change its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from permabots.engine.patterns.chars import Chars

AnchorKind: TypeAlias = Literal["start", "line start", "end", "line end", "text end", "boundary", "inside"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """An assertion about a position. ``end`` is also before a last newline, ``text end`` not; ``inside`` is ``\\B``."""

    kind: AnchorKind
    ascii: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """Elements one after another."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """An alternation: its options are tried in order."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group; the index of the first is 1."""

    index: int
    body: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    """An element ``low`` to ``high`` times; None for no upper limit."""

    body: Node
    low: int
    high: int | None
    mode: Literal["greedy", "lazy", "possessive"]


@dataclass(frozen=True, slots=True)
class Atomic:
    """An atomic group: once it has matched, no other way is tried."""

    body: Node


@dataclass(frozen=True, slots=True)
class Look:
    """A lookahead or lookbehind."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Backreference:
    """The text that a group matched, once more."""

    index: int
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A conditional: ``yes`` where a group took part in the match, else ``no``."""

    index: int
    yes: Node
    no: Node


Node: TypeAlias = Chars | Anchor | Sequence | Branch | Group | Repeat | Atomic | Look | Backreference | Condition


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed pattern: its root, and the number of each named group."""

    root: Node
    names: dict[str, int]


def walk(node: Node) -> Iterator[Node]:
    """Yield an element and all elements inside it."""
    yield node
    for child in _children(node):
        yield from walk(child)


_SET = 600
_COPY = {"w": 20, "d": 20}
_WORDS = {"w": 1_800, "d": 600}
_BOUNDARY_COPY, _BOUNDARY = 70, 7_200
_EITHER_CASE = 30_000


def preparation(node: Node) -> int:
    """Return how much work it is for the library `regex` to compile a pattern, about in microseconds.

    The library writes repeats out, those inside each other multiply, and it reads sets of words and digits, which are
    long, at each place. So the work can be told from the tree, without a clock, before it is done.

    Args:
        node: the tree of the pattern.
    """
    written, copies = _work(node)
    return written + copies


def _work(node: Node) -> tuple[int, int]:
    """Return the work for what is read once, and that for each copy in a repeat."""
    if isinstance(node, Chars):
        letters = [item.lower() for item in node.items if isinstance(item, str)] if "a" not in node.flags else []
        ranges = len(node.items) - len(letters)
        width = sum(item[1] - item[0] for item in node.items if not isinstance(item, str)) if "i" in node.flags else 0
        written = (
            (_SET if len(node.items) > 1 or node.negated else 0)
            + sum(_WORDS.get(it, 20) for it in letters)
            + 5 * ranges
            + (_EITHER_CASE if width > 1000 else width)
        )
        return written, 1 + ranges // 4 + sum(_COPY.get(it, 1) for it in letters)
    if isinstance(node, Anchor) and node.kind in {"boundary", "inside"}:
        return _BOUNDARY, _BOUNDARY_COPY
    parts = [_work(child) for child in _children(node)]
    # A body that must match is written as often as it must, and once more for those times that it may.
    times = node.low + (node.high != node.low) if isinstance(node, Repeat) and node.low else 1
    return sum(written for written, _ in parts), 1 + times * sum(copy for _, copy in parts)


def elements(node: Node) -> int:
    """Return the number of elements in a pattern whose repeats are written out to their lower limits."""
    times = max(1, node.low) if isinstance(node, Repeat) else 1
    return 1 + times * sum(elements(child) for child in _children(node))


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Branch):
        return node.options
    if isinstance(node, Condition):
        return node.yes, node.no
    return (node.body,) if isinstance(node, Group | Repeat | Atomic | Look) else ()
