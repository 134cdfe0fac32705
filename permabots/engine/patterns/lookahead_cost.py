"""The first characters that an element of a pattern may match, given the elements after it."""

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
    """The rest of a pattern, seen from one position in it.

    Args:
        first: the characters that a match of the rest may begin with, as a mask.
        sure: whether the rest always matches.
        trial: steps until the rest fails at a character that is not in `first`.
        last: whether the rest is outside of any repeat, so that the position is reached once.
    """

    first: int
    sure: bool
    trial: float
    last: bool = False


SUCCESS = Ahead(ANYTHING, sure=True, trial=0.0, last=True)


def starts_text(node: Node) -> bool:
    """Return whether a pattern can match only at the beginning of the text."""
    if isinstance(node, Sequence):
        return bool(node.items) and starts_text(node.items[0])
    if isinstance(node, Branch):
        return all(starts_text(option) for option in node.options)
    return starts_text(node.body) if isinstance(node, Group) else isinstance(node, Anchor) and node.kind == "start"


def lead(node: Node, ahead: Ahead) -> Ahead:
    """Return the rest of a pattern that begins with an element.

    Args:
        node: the element.
        ahead: the rest after it.
    """
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
    """Return the rest of a pattern before each item, and after the last one.

    Args:
        items: the items of a sequence.
        ahead: the rest after them.
    """
    rests = [ahead]
    for item in reversed(items):
        rests.append(lead(item, rests[-1]))
    return rests[::-1]


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
    """Return the fewest characters that an element matches."""
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
    """Return whether at most one option can match at any position: each two need different characters at one place.

    Args:
        options: the options of an alternation.
        ahead: the rest of the pattern after them.
    """
    if len(options) > _PAIRS:
        return False
    masks = [_masks(option, ahead) for option in options]
    return all(
        any(not mine & other for mine, other in zip(first, second, strict=False))
        for place, first in enumerate(masks)
        for second in masks[:place]
    )


def _masks(option: Node, ahead: Ahead) -> list[int]:
    """Return a mask for each of an option's first characters, as far as single-character elements match them."""
    items = option.items if isinstance(option, Sequence) else (option,)
    masks: list[int] = []
    for item, following in zip(items, leads(items, ahead), strict=False):
        masks.append(following.first)
        if not isinstance(item, Chars):
            return masks
    return [*masks, ahead.first]
