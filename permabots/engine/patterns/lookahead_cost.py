"""What an element of a pattern may begin with, given what follows it: so much is known without any text."""

from __future__ import annotations

from dataclasses import dataclass

from permabots.engine.patterns.chars import ANYTHING, END, Chars
from permabots.engine.patterns.nodes import (
    Anchor,
    Atomic,
    Branch,
    Condition,
    Group,
    Node,
    Repeat,
    Sequence,
)

_ROUND = 4
_PAIRS = 32  # options of an alternation that are compared with each other
_NEWLINE = 1 << 10


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes next.

    Args:
        first: the characters it may begin with, as a mask.
        sure: whether it always succeeds.
        trial: steps to see that it fails, where it does not begin with one of those.
        last: whether it comes once, not again and again: outside any repeat.
    """

    first: int
    sure: bool
    trial: float
    last: bool = False


SUCCESS = Ahead(ANYTHING, sure=True, trial=0.0, last=True)


def starts_text(node: Node) -> bool:
    """Whether a match can only be at the beginning of the text."""
    if isinstance(node, Sequence):
        return bool(node.items) and starts_text(node.items[0])
    if isinstance(node, Branch):
        return all(starts_text(option) for option in node.options)
    return starts_text(node.body) if isinstance(node, Group) else isinstance(node, Anchor) and node.kind == "start"


def lead(node: Node, ahead: Ahead) -> Ahead:
    """Return what comes next where this element comes next, and then ``ahead``."""
    match node:
        case Chars():
            return Ahead(node.mask, sure=False, trial=1.0, last=ahead.last)
        case Anchor():
            return _anchor_lead(node, ahead)
        case Group() | Atomic():
            return lead(node.body, ahead)
        case Sequence():
            return leads(node.items, ahead)[0]
        case Repeat():
            return _repeat_lead(node, ahead)
        case Branch():
            return _either([lead(option, ahead) for option in node.options])
        case Condition():
            return _either([lead(node.yes, ahead), lead(node.no, ahead)])
    return Ahead(ANYTHING, sure=False, trial=1.0, last=ahead.last)


def leads(items: tuple[Node, ...], ahead: Ahead) -> list[Ahead]:
    """Return what comes next before each item, and after the last."""
    found = [ahead]
    for item in reversed(items):
        found.append(lead(item, found[-1]))
    return found[::-1]


def _either(options: list[Ahead]) -> Ahead:
    first = 0
    for option in options:
        first |= option.first
    sure = all(option.sure for option in options)
    return Ahead(first, sure, sum(option.trial for option in options), options[0].last)


def _anchor_lead(node: Anchor, ahead: Ahead) -> Ahead:
    place = {"end": END | _NEWLINE, "line end": END | _NEWLINE, "text end": END}.get(node.kind)
    return Ahead(ahead.first if place is None else place, False, ahead.trial + 1, ahead.last)


def _repeat_lead(node: Repeat, ahead: Ahead) -> Ahead:
    if node.high == 0:
        return ahead
    body = lead(node.body, ahead)
    if node.low:
        return body
    return Ahead(body.first | ahead.first, ahead.sure, _ROUND + body.trial + ahead.trial, ahead.last)


def width(node: Node) -> int:
    """Return the fewest characters an element takes."""
    match node:
        case Chars():
            return 1
        case Group() | Atomic():
            return width(node.body)
        case Sequence():
            return sum(width(item) for item in node.items)
        case Repeat():
            return node.low and node.low * width(node.body)
        case Branch():
            return min(width(option) for option in node.options)
        case Condition():
            return min(width(node.yes), width(node.no))
    return 0


def exclusive(options: tuple[Node, ...], ahead: Ahead) -> bool:
    """Whether at most one option can match at any place: each two differ in a character both must have."""
    if len(options) > _PAIRS:
        return False
    masks = [_masks(option, ahead) for option in options]
    return all(
        any(not mine & other for mine, other in zip(first, second, strict=False))
        for place, first in enumerate(masks)
        for second in masks[:place]
    )


def _masks(option: Node, ahead: Ahead) -> list[int]:
    """Return what an option's first characters may be, as far as there is one element for each."""
    items = option.items if isinstance(option, Sequence) else (option,)
    found: list[int] = []
    for item, following in zip(items, leads(items, ahead), strict=False):
        found.append(following.first)
        if not isinstance(item, Chars):
            return found
    return [*found, ahead.first]
