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
    for child in children_of(node):
        yield from walk(child)


def elements(node: Node) -> int:
    """Return the number of elements in a pattern whose repeats are written out to their lower limits."""
    times = max(1, node.low) if isinstance(node, Repeat) else 1
    return 1 + times * sum(elements(child) for child in children_of(node))


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the elements directly inside an element."""
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Branch):
        return node.options
    if isinstance(node, Condition):
        return node.yes, node.no
    return (node.body,) if isinstance(node, Group | Repeat | Atomic | Look) else ()
