"""The comparisons of expressions. A comparison with an unknown value has an unknown result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.tables import operators
from permabots.engine.templates.value_kinds import Unknown, Value

_DECIDED: Mapping[str, Callable[[Value, Value, Budget], bool]] = {
    "eq": operators.equal,
    "ne": lambda left, right, budget: not operators.equal(left, right, budget),
    "in": lambda left, right, budget: operators.contains(right, left, budget),
    "notin": lambda left, right, budget: not operators.contains(right, left, budget),
}


def comparison(name: str) -> Callable[[Value, Value, Run], Value]:
    """Return the function of a comparison operator.

    Args:
        name: the operator's name in Jinja's syntax tree.
    """
    decide = _DECIDED.get(name) or partial(operators.ordered, name)

    def compare(left: Value, right: Value, run: Run) -> Value:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return left if isinstance(left, Unknown) else right
        return decide(left, right, run.budget)

    return compare
