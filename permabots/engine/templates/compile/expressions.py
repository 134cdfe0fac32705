"""Compiling the expressions of a syntax tree: each node becomes a function that evaluates it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from jinja2 import nodes

from permabots.engine.templates.compile.calls import FAILURES, applied, call, failed, spread
from permabots.engine.templates.compile.comparisons import comparison
from permabots.engine.templates.compile.lookups import Lookups
from permabots.engine.templates.compile.macros import Expression
from permabots.engine.templates.compile.names import path_of
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import LISTS, MAPPINGS, show
from permabots.engine.templates.rendered_text import Begin, Marked, joined
from permabots.engine.templates.tables import operators
from permabots.engine.templates.tables.filters import FILTERS, TESTS
from permabots.engine.templates.tables.lookup import method
from permabots.engine.templates.tables.registry import FILTERS_OF_UNKNOWN, TESTS_OF_UNKNOWN, unknown_among
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value
from permabots.exceptions import TemplateError

_OPERATORS: dict[type[nodes.Node], str] = {
    nodes.Add: "+",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Sub: "-",
}


class Expressions(Lookups):
    """Compiles expressions."""

    def beginning(self, node: nodes.Expr) -> Expression:
        """Return the function of an expression at the beginning of an address: its leftmost value is not escaped."""
        if isinstance(node, nodes.Concat):
            first, *others = node.nodes
            return self._concat([self.beginning(first), *map(self.expression, others)])
        if isinstance(node, nodes.Add):
            return self._binary("+", self.beginning(node.left), self.expression(node.right))
        if isinstance(node, nodes.CondExpr):
            otherwise = None if node.expr2 is None else self.beginning(node.expr2)
            return self._condition(self.expression(node.test), self.beginning(node.expr1), otherwise)
        evaluate = self.expression(node)

        def begin(run: Run) -> Value:
            value = evaluate(run)
            return value if isinstance(value, Marked) else Begin(show(value, run.budget))

        return begin

    # --- operators ----------------------------------------------------------------------------------------------------

    def _operation(self, node: nodes.BinExpr) -> Expression:
        return self._binary(_OPERATORS[type(node)], self.expression(node.left), self.expression(node.right))

    def _binary(self, symbol: str, left: Expression, right: Expression) -> Expression:
        calculate = operators.arithmetic(symbol)
        return lambda run: calculate(left(run), right(run), run.budget)

    def _negative(self, node: nodes.Neg) -> Expression:
        value = self.expression(node.node)
        return lambda run: operators.negative(value(run))

    def _positive(self, node: nodes.Pos) -> Expression:
        value = self.expression(node.node)
        return lambda run: operators.positive(value(run))

    def _concatenation(self, node: nodes.Concat) -> Expression:
        return self._concat([self.expression(child) for child in node.nodes])

    def _concat(self, parts: list[Expression]) -> Expression:
        return lambda run: joined([show(part(run), run.budget) for part in parts], run.budget)

    def _and(self, node: nodes.And) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        return lambda run: left(run) and right(run)

    def _or(self, node: nodes.Or) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        return lambda run: left(run) or right(run)

    def _not(self, node: nodes.Not) -> Expression:
        value = self.expression(node.node)
        return lambda run: not value(run)

    def _conditional(self, node: nodes.CondExpr) -> Expression:
        return self._condition(self.expression(node.test), self.expression(node.expr1), self.optional(node.expr2))

    def _condition(self, test: Expression, then: Expression, otherwise: Expression | None) -> Expression:
        nothing = Undefined("")
        if otherwise is None:
            return lambda run: then(run) if test(run) else nothing
        return lambda run: then(run) if test(run) else otherwise(run)

    def _compare(self, node: nodes.Compare) -> Expression:
        first = self.expression(node.expr)
        steps = [(comparison(operand.op), self.expression(operand.expr)) for operand in node.ops]
        if len(steps) == 1:
            ((compare_one, other),) = steps
            return lambda run: compare_one(first(run), other(run), run)

        def compare(run: Run) -> Value:
            left = first(run)
            result: Value = True
            for compare_next, operand in steps:
                right = operand(run)
                result = compare_next(left, right, run)
                if not result:
                    break
                left = right
            return result

        return compare

    # --- filters, tests and calls -------------------------------------------------------------------------------------

    def _filter(self, node: nodes.Filter) -> Expression:
        return self.filter(node, self.expression(cast(nodes.Expr, node.node)))

    def filter(self, node: nodes.Filter, value: Expression) -> Expression:
        """Return the function that applies a filter to a value.

        Raises:
            TemplateError: there is no such filter.
        """
        self.made += 1
        name = node.name
        function = FILTERS.get(name)
        if function is None:
            raise TemplateError(f"No filter named {name!r}.", node.lineno)
        self._check_named(node)
        takes_unknown = name in FILTERS_OF_UNKNOWN
        if not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs):

            def apply(run: Run) -> Value:
                operand = value(run)
                if type(operand) is Unknown and not takes_unknown:
                    return operand
                try:
                    return function(run, operand)
                except FAILURES as error:
                    raise failed(name, error) from error

            return apply
        arguments = self.arguments(node)

        def apply_with(run: Run) -> Value:
            operand = value(run)
            positional, named = arguments(run)
            if not takes_unknown and (unknown := unknown_among([operand, *positional], named)) is not None:
                return unknown
            return applied(name, function, run, operand, *positional, **named)

        return apply_with

    def _check_named(self, node: nodes.Filter) -> None:
        """Refuse an unknown name of a filter or test that is an argument of a filter, as in ``map('upper')``."""
        chosen: Any = node.args
        wanted = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}.get(node.name)
        if wanted is None or len(chosen) <= wanted or not isinstance(chosen[wanted], nodes.Const):
            return
        table: Any = FILTERS if node.name == "map" else TESTS
        name = chosen[wanted].value
        if name not in table:
            kind = "filter" if node.name == "map" else "test"
            raise TemplateError(f"No {kind} named {str(name)[:50]!r}.", node.lineno)

    def _test(self, node: nodes.Test) -> Expression:
        test = TESTS.get(node.name)
        if test is None:
            raise TemplateError(f"No test named {node.name!r}.", node.lineno)
        name = node.name
        value = self.expression(node.node)
        arguments = self.arguments(node)

        def ask(run: Run) -> Value:
            operand = value(run)
            if isinstance(operand, Unknown) and name not in TESTS_OF_UNKNOWN:
                return operand
            positional, named = arguments(run)
            if (unknown := unknown_among(positional, named)) is not None:
                return unknown
            return applied(f"is {name}", test, run.budget, operand, *positional, **named)

        return ask

    def _call(self, node: nodes.Call) -> Expression:
        path = path_of(node.node)
        callee = self.callee(node.node)
        arguments = self.arguments(node)

        def call_it(run: Run) -> Value:
            function = callee(run)
            positional, named = arguments(run)
            return call(run, function, path, positional, named)

        return call_it

    def callee(self, node: nodes.Expr) -> Expression:
        """Return the function that evaluates the callee of a call."""
        if not isinstance(node, nodes.Getattr) or (isinstance(node.node, nodes.Name) and node.node.name == "self"):
            return self.expression(node)
        owner, name, path = self.expression(node.node), node.attr, path_of(node.node)
        return lambda run: method(owner(run), name, path)

    def arguments(self, node: Any) -> Callable[[Run], tuple[list[Value], dict[str, Value]]]:
        """Return the function that evaluates the arguments of a call, a filter or a test."""
        positional = [self.expression(argument) for argument in node.args or ()]
        named = [(pair.key, self.expression(pair.value)) for pair in node.kwargs or ()]
        more, more_named = self.optional(node.dyn_args), self.optional(node.dyn_kwargs)

        def evaluate(run: Run) -> tuple[list[Value], dict[str, Value]]:
            values = [argument(run) for argument in positional]
            names = {name: argument(run) for name, argument in named}
            if more:
                values += spread(more(run), LISTS, run)
            if more_named:
                names |= dict(spread(more_named(run), MAPPINGS, run))
            return values, names

        return evaluate


Expressions.makers = {
    **dict.fromkeys(_OPERATORS, Expressions._operation),
    nodes.And: Expressions._and,
    nodes.Call: Expressions._call,
    nodes.Compare: Expressions._compare,
    nodes.Concat: Expressions._concatenation,
    nodes.CondExpr: Expressions._conditional,
    nodes.Const: Expressions._const,
    nodes.Dict: Expressions._dict,
    nodes.Filter: Expressions._filter,
    nodes.Getattr: Expressions._getattr,
    nodes.Getitem: Expressions._getitem,
    nodes.List: Expressions._list,
    nodes.Name: Expressions._name,
    nodes.Neg: Expressions._negative,
    nodes.Not: Expressions._not,
    nodes.Or: Expressions._or,
    nodes.Pos: Expressions._positive,
    nodes.Test: Expressions._test,
    nodes.Tuple: Expressions._tuple,
}
