"""From the bodies of a syntax tree to functions that run them: what they put out, statement after statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, ClassVar, cast

from jinja2 import nodes

from permabots.engine.templates.compile.calls import FAILURES
from permabots.engine.templates.compile.expressions import Expressions
from permabots.engine.templates.compile.macros import Expression, Statement
from permabots.engine.templates.compile.names import Names
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.compile.running import located, with_line
from permabots.engine.templates.compile.tree_facts import is_authors
from permabots.engine.templates.json_values import number_text
from permabots.engine.templates.rendered_text import Literal
from permabots.exceptions import TemplateError

_NOTHING = Literal("")
_PIECE_BYTES = 8

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Extends: "a template cannot extend another one",
    nodes.FromImport: "a template cannot import another one",
    nodes.Import: "a template cannot import another one",
    nodes.Include: "a template cannot include another one",
}


class Bodies(Expressions):
    """Makes bodies ready: statements one after the other, and what they put out.

    Args:
        names: what the template defines and reads.
        beginning: the expressions that begin the output, and stand in it as they are, by their identity.
    """

    statement_makers: ClassVar[Mapping[type[nodes.Node], Callable[[Any, Any], Statement]]]
    """What makes each kind of statement ready."""

    def __init__(self, names: Names, beginning: frozenset[int] = frozenset()) -> None:
        super().__init__(names)
        self._beginning = beginning

    def body(self, children: Sequence[nodes.Node]) -> Statement:
        """Return what runs statements one after the other; what they take is charged before the first."""
        outer, self.count = self.count, 1
        steps: list[Statement] = []
        for is_output, group in groupby(children, lambda node: isinstance(node, nodes.Output)):
            if is_output:
                steps.append(self._output(list(chain.from_iterable(node.nodes for node in cast(Any, group)))))
            else:
                steps += map(self._statement, group)
        charge, self.count = self.count, outer

        def run_all(run: Run) -> None:
            budget = run.budget
            budget.steps -= charge
            if budget.steps < budget.floor:
                budget.check()
            for step in steps:
                step(run)

        return run_all

    def _statement(self, node: nodes.Node) -> Statement:
        self.count += 1
        self.made += 2
        make = self.statement_makers.get(type(node))
        if make is None:
            raise TemplateError(_REFUSED.get(type(node), "this cannot be used in a template"), node.lineno)
        return with_line(make(self, node), node.lineno)

    # --- putting out ------------------------------------------------------------------------------------------------

    def _output(self, children: list[nodes.Expr]) -> Statement:
        """Return what puts out literal text and values, one after the other."""
        parts = [self._part(child) for child in children]
        size = sum(_PIECE_BYTES + 4 * len(text) for text, *_ in parts)

        def put_out(run: Run) -> None:
            out = run.out
            made = size
            line = 0
            try:
                for text, evaluate, line, is_literal in parts:  # noqa: B007 - the line of what fails
                    if evaluate is None:
                        out.append(text)
                        continue
                    value = evaluate(run)
                    if type(value) is str:
                        made += 4 * len(value)
                        out.append(value)
                    elif type(value) is int and not run.kind.keeps_values:
                        out.append(number_text(value))
                    else:
                        run.put(value, is_literal)
                run.budget.make(made)
            except (TemplateError, *FAILURES) as error:
                raise located(error, line) from error

        return put_out

    def _part(self, node: nodes.Expr) -> tuple[Literal, Expression | None, int, bool]:
        """Return a literal text, or what evaluates a value; its line; whether it can only be its author's words."""
        self.made += 1
        if isinstance(node, nodes.TemplateData):
            return Literal(node.data), None, node.lineno, True
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return Literal(node.value), None, node.lineno, True
        evaluate = self.beginning(node) if id(node) in self._beginning else self.expression(node)
        return _NOTHING, evaluate, node.lineno, is_authors(node)
