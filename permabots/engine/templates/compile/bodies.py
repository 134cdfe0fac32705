"""Compiling the bodies of a syntax tree: the statements and the output in them, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from jinja2 import nodes

from permabots.engine.templates.compile.calls import FAILURES
from permabots.engine.templates.compile.expressions import Expressions
from permabots.engine.templates.compile.macros import Statement
from permabots.engine.templates.compile.names import Names
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.compile.running import located
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


class _Part(NamedTuple):
    """A part of a body.

    Attributes:
        text: literal text that is written first.
        evaluate: returns the value that is written then, or runs a statement.
        is_statement: whether `evaluate` runs a statement.
        line: the line in the template.
        is_literal: whether the value can only be a text of the author.
    """

    text: Literal
    evaluate: Callable[[Run], Any]
    is_statement: bool
    line: int
    is_literal: bool


class Bodies(Expressions):
    """Compiles bodies: statements and output, one after the other.

    Args:
        names: the names that the template sets and reads.
        beginning: the expressions at the beginning of the output, which are not escaped, by their identity.
    """

    statement_makers: ClassVar[Mapping[type[nodes.Node], Callable[[Any, Any], Statement]]]
    """The method that compiles each kind of statement."""

    def __init__(self, names: Names, beginning: frozenset[int] = frozenset()) -> None:
        super().__init__(names)
        self._beginning = beginning

    def body(self, children: Sequence[nodes.Node]) -> Statement:
        """Return a function that runs statements and writes texts and values, one after the other.

        The steps of the parts are charged before the first part, their bytes after the last one: the values that are
        written exist already, or were charged by the function that created them.

        Args:
            children: the nodes of the body.

        Raises:
            TemplateError: a node cannot be used in a template.
        """
        outer, self.count = self.count, 1
        parts = list(self._parts(children))
        charge, self.count = self.count, outer
        return _run_of(parts, charge)

    def _parts(self, children: Sequence[nodes.Node]) -> Iterator[_Part]:
        """Yield the parts of a body: a literal text is in one part with the value or statement after it."""
        text, line = _NOTHING, 0
        for child in children:
            for node in child.nodes if isinstance(child, nodes.Output) else ():
                self.made += 1
                written = _literal(node)
                if written is None:
                    evaluate = self.beginning(node) if id(node) in self._beginning else self.expression(node)
                    yield _Part(text, evaluate, False, node.lineno, is_authors(node))
                elif text:
                    yield _Part(text, _nothing, True, line, True)
                text, line = written or _NOTHING, node.lineno
            if not isinstance(child, nodes.Output):
                yield _Part(text, self._statement(child), True, child.lineno, True)
                text = _NOTHING
        if text:
            yield _Part(text, _nothing, True, line, True)

    def _statement(self, node: nodes.Node) -> Statement:
        self.count += 1
        self.made += 2
        make = self.statement_makers.get(type(node))
        if make is None:
            raise TemplateError(_REFUSED.get(type(node), "this cannot be used in a template"), node.lineno)
        return make(self, node)


def _literal(node: nodes.Node) -> Literal | None:
    """Return the text of a node that is literal text or a string literal, None for other nodes."""
    if isinstance(node, nodes.TemplateData):
        return Literal(node.data)
    return Literal(node.value) if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


def _nothing(_run: Run) -> None:
    """Do nothing: the statement of a part that is only a text."""


def _run_of(parts: list[_Part], charge: int) -> Statement:  # noqa: C901 - the innermost loop of rendering
    """Return a function that runs the parts of a body, which take `charge` steps."""
    size = sum(_PIECE_BYTES + 4 * len(part.text) for part in parts)
    plain: list[tuple[Any, ...]] = [tuple(part) for part in parts]  # Python unpacks plain tuples in half the time

    def run_all(run: Run) -> None:
        budget = run.budget
        budget.steps -= charge
        if budget.steps < budget.floor:
            budget.check()
        out = run.out
        made = size
        line = 0
        try:
            for text, evaluate, is_statement, line, is_literal in plain:  # noqa: B007 - errors below use the line
                if text:
                    out.append(text)
                value = evaluate(run)
                kind = type(value)
                if kind is str:
                    made += 4 * len(value)
                    out.append(value)
                elif (kind is int or kind is float) and not run.kind.keeps_values:
                    out.append(number_text(value, budget))
                elif not is_statement:
                    run.put(value, is_literal)
            budget.make(made)
        except (TemplateError, *FAILURES) as error:
            raise located(error, line) from error

    return run_all
