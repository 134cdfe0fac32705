"""The comparisons of expressions: one with something that is not there yet gives what is not there yet."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.tables import operators
from permabots.engine.templates.value_kinds import Unknown, Value


def comparison(name: str) -> Callable[[Value, Value, Run], Value]:
    if name in ("in", "notin"):
        return _membership(is_in=name == "in")
    if name in ("eq", "ne"):
        return _equality(is_equal=name == "eq")

    def compare(left: Value, right: Value, run: Run) -> Value:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return left if isinstance(left, Unknown) else right
        return operators.ordered(name, left, right, run.budget)

    return compare


def _membership(is_in: bool) -> Callable[[Value, Value, Run], Value]:
    def compare(left: Value, right: Value, run: Run) -> Value:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return left if isinstance(left, Unknown) else right
        return operators.contains(right, left, run.budget) is is_in

    return compare


def _equality(is_equal: bool) -> Callable[[Value, Value, Run], Value]:
    def compare(left: Value, right: Value, run: Run) -> Value:
        if type(left) is int and type(right) is int:
            return (left == right) is is_equal
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return left if isinstance(left, Unknown) else right
        return operators.equal(left, right, run.budget) is is_equal

    return compare
