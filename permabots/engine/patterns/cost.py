r"""An upper bound of the time that Python's `re` needs for a pattern, by the length of the text.

`re` backtracks: it tries one way to match after another. The estimate walks the pattern and bounds, for a text of *n*
characters:

- the *ways* in which an element can match from one position so that the elements after it may match too. ``\w+`` has
  one way before a blank (only the whole word is followed by a blank) but *n* before ``\w``; a repeat of an element with
  two ways has 2 to the power of *n*;
- the *steps* to try the ways: the steps of the following elements are needed once for each way.

An element that the estimate does not understand counts as possibly matching, so the estimate is never too low. It is
often too high; then a pattern runs under a time limit without need.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from permabots.engine.patterns.chars import Chars
from permabots.engine.patterns.lookahead_cost import SUCCESS, Ahead, exclusive, lead, leads, starts_text, width
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

MAX_STEPS = 2.0**25
"""Steps that `re` may need for one pattern on one text: 0.1 to 0.3 seconds."""

LENGTHS = tuple(2**power for power in range(4, 17))
"""The text lengths for which the estimate is made, in characters: 16 to 65,536."""

_ROUND = 4  # steps of one iteration of a repeat, besides the steps of its body
_FEW = 64  # up to so many iterations of a repeat are charged each, more are charged by the character
_CEILING = 1e18


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of matching an element, at most.

    Args:
        ways: the number of ways to match so that the following elements may match too.
        fixed: steps each time the element is tried.
        per_char: further steps for each character that it matches.
        once: steps of parts that are reached only once: no element after them can fail, so the search ends there.
    """

    ways: float = 1.0
    fixed: float = 0.0
    per_char: float = 0.0
    once: float = 0.0

    def then(self, other: Cost) -> Cost:
        """Return the cost of this element and the one after it. With a single way no character is matched twice.

        Args:
            other: the cost of the following element.
        """
        once = self.once + other.once
        if self.ways <= 1:
            return Cost(other.ways, self.fixed + other.fixed, max(self.per_char, other.per_char), once)
        fixed, per_char = self.fixed + self.ways * other.fixed, self.per_char + self.ways * other.per_char
        return Cost(min(self.ways * other.ways, _CEILING), min(fixed, _CEILING), min(per_char, _CEILING), once)

    def total(self, length: int) -> float:
        """Return the steps on a text of `length` characters."""
        return self.fixed + self.per_char * length + self.once


def safe_length(root: Node) -> int:
    """Return the greatest of `LENGTHS` at which `re` needs at most `MAX_STEPS`; 0 if there is none.

    Args:
        root: the tree of a pattern.
    """
    fitting = bisect_right(LENGTHS, MAX_STEPS, key=partial(steps, root))
    return LENGTHS[fitting - 1] if fitting else 0


def steps(root: Node, length: int) -> float:
    """Return how many steps a search takes at most.

    Args:
        root: the tree of a pattern.
        length: the length of the text, in characters.
    """
    cost = _cost(root, SUCCESS, length)
    if starts_text(root):
        return length + cost.total(length)
    return length * (cost.fixed + cost.per_char * length / 2) + cost.once  # from each place on to the end of the text


def _cost(node: Node, ahead: Ahead, length: int) -> Cost:
    cost = _COSTS[type(node)](node, ahead, length)
    if not ahead.sure:
        return cost
    if ahead.last and lead(node, ahead).sure:
        return Cost(once=cost.total(length))
    return Cost(1, cost.fixed, cost.per_char, cost.once)


def _one_step(_node: Node, _ahead: Ahead, _length: int) -> Cost:
    return Cost(1, 1)


def _body(node: Group, ahead: Ahead, length: int) -> Cost:
    return _cost(node.body, ahead, length)


def _sequence(node: Sequence, ahead: Ahead, length: int) -> Cost:
    total = Cost()
    for item, after in zip(node.items, leads(node.items, ahead)[1:], strict=True):
        total = total.then(_cost(item, after, length))
    return total


def _branch(node: Branch, ahead: Ahead, length: int) -> Cost:
    costs = [_cost(option, ahead, length) for option in node.options]
    trials = sum(lead(option, ahead).trial for option in node.options)
    join = max if exclusive(node.options, ahead) else sum
    fixed = trials + sum(cost.fixed for cost in costs)
    once = sum(cost.once for cost in costs)
    return Cost(join(cost.ways for cost in costs), fixed, join(cost.per_char for cost in costs), once)


def _condition(node: Condition, ahead: Ahead, length: int) -> Cost:
    yes, no = _cost(node.yes, ahead, length), _cost(node.no, ahead, length)
    fixed, once = 1 + max(yes.fixed, no.fixed), yes.once + no.once
    return Cost(max(yes.ways, no.ways), fixed, max(yes.per_char, no.per_char), once)


def _once(node: Atomic | Look, _ahead: Ahead, length: int) -> Cost:
    """A lookaround or an atomic group ends at its first match. It may have read more than it matches."""
    return Cost(1, 1 + _cost(node.body, SUCCESS, length).total(length))


def _backreference(_node: Backreference, _ahead: Ahead, length: int) -> Cost:
    return Cost(1, 1 + length / 4)


def _repeat(node: Repeat, ahead: Ahead, length: int) -> Cost:
    most = length if node.high is None else min(node.high, length)
    if isinstance(node.body, Chars):
        return _char_repeat(node, node.body.mask, most, ahead)
    if node.mode == "possessive":
        return _once(Atomic(Repeat(node.body, node.low, node.high, "greedy")), ahead, length)
    following = lead(node.body, ahead)
    body = _cost(node.body, _inside(node, following, ahead), length)
    shortest = width(node.body)
    rounds = min(most, length // max(shortest, 1) + 1)
    each = body.fixed + _ROUND + ahead.trial
    if body.ways > 1 or not shortest:
        entries = _power_sum(max(body.ways, 2), rounds)
        return Cost(entries, min(entries * each, _CEILING), min(entries * body.per_char, _CEILING))
    exits = 1 if ahead.sure or not following.first & ahead.first else max(rounds - node.low, 0) + 1
    if rounds <= _FEW:
        return Cost(exits, (rounds + 1) * each, body.per_char)
    return Cost(exits, each, each / shortest + body.per_char)


def _inside(node: Repeat, following: Ahead, ahead: Ahead) -> Ahead:
    """Return what comes next after one iteration: another iteration, or the elements after the repeat."""
    if node.high == 1:
        return ahead
    return Ahead(following.first | ahead.first, ahead.sure and node.low <= 1, following.trial + ahead.trial)


def _char_repeat(node: Repeat, mask: int, most: int, ahead: Ahead) -> Cost:
    if node.mode == "possessive":
        return Cost(1, 1, 1)
    exits = 1 if ahead.sure or not mask & ahead.first else max(most - node.low, 0) + 1
    each = 1 + ahead.trial
    return Cost(exits, most * each) if most <= _FEW else Cost(exits, 1, each)


def _power_sum(ways: float, rounds: int) -> float:
    """Return how often the body of a repeat is entered, if each iteration has `ways` ways."""
    total = power = 1.0
    for _ in range(rounds):
        power *= ways
        total += power
        if total > _CEILING:
            return _CEILING
    return total


_COSTS: dict[type, Callable[[Any, Ahead, int], Cost]] = {
    Chars: _one_step,
    Anchor: _one_step,
    Group: _body,
    Sequence: _sequence,
    Branch: _branch,
    Condition: _condition,
    Atomic: _once,
    Look: _once,
    Repeat: _repeat,
    Backreference: _backreference,
}
