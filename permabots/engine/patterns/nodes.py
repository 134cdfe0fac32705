"""The elements a regular expression is made of, with its flags resolved: each element knows what they mean for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from permabots.engine.patterns.chars import Chars

AnchorKind: TypeAlias = Literal["start", "line start", "end", "line end", "text end", "boundary", "inside"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place that takes no character. ``end`` is also before a last newline, ``text end`` is not."""

    kind: AnchorKind
    ascii: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after another."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """The first option that leads to a match."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group; the first is 1."""

    index: int
    body: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    """``low`` to ``high`` times; None for no upper limit."""

    body: Node
    low: int
    high: int | None
    mode: Literal["greedy", "lazy", "possessive"]


@dataclass(frozen=True, slots=True)
class Atomic:
    """What is never tried in a second way once it has matched."""

    body: Node


@dataclass(frozen=True, slots=True)
class Look:
    """A lookahead or lookbehind."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Backreference:
    """What a group took, once more."""

    index: int
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One of two, as a group took part or did not."""

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


def elements(node: Node) -> int:
    """Return how many elements a pattern has when each repeat is written out to its lower limit."""
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
