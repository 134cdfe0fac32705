"""Checking, when a template is saved, that each value is in a place where it can stand, whichever branches run."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes

from permabots.engine.templates.compile.tree_facts import is_authors
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.places import VALUE
from permabots.exceptions import TemplateError

_CAPTURING = (nodes.Assign, nodes.AssignBlock, nodes.Macro)


def check_places(kind: TemplateKind, tree: nodes.Template) -> None:
    """Check that no value of a template is where none can stand, and that all branches end in the same place.

    Args:
        kind: the kind of template.
        tree: the template's syntax tree.

    Raises:
        TemplateError: the message says what is wrong, and in which line.
    """
    check = _Check(kind)
    check.body(tree.body)
    if problem := kind.places.end_problem(check.state, check.has_value):
        raise TemplateError(problem, check.opened_line)


class _Check:
    def __init__(self, kind: TemplateKind) -> None:
        self._places = kind.places
        self.state = kind.places.start
        self.opened_line: int | None = None
        self.has_value = False
        self._before = ""

    def body(self, children: Sequence[nodes.Node]) -> None:
        """Walk over statements; `state` is then the place after them."""
        for node in children:
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    self._put(child)
            elif isinstance(node, nodes.If):
                self._if(node)
            elif isinstance(node, nodes.For):
                self._for(node)
            elif isinstance(node, nodes.CallBlock | nodes.FilterBlock):
                self._value(node.lineno, "")
            elif not isinstance(node, _CAPTURING):
                self.body(getattr(node, "body", ()))

    def _put(self, node: nodes.Expr) -> None:
        if isinstance(node, nodes.TemplateData):
            self._literal(node.data, node.lineno)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            self._literal(node.value, node.lineno)
        else:
            authors = is_authors(node)
            self._value(node.lineno, "" if authors else self._before)
            self._before = "" if authors else VALUE

    def _literal(self, text: str, line: int) -> None:
        if self._before == VALUE and (problem := self._places.text_problem(self.state, text)):
            raise TemplateError(problem, line)
        move = self._places.advance(self.state, text)
        if move.failed_at >= 0 and self.has_value:
            cause = text[move.failed_at :][:10]
            raise TemplateError(
                f"what begins as a tag and holds a value or a condition is none, because of {cause!r}:"
                " to show the sign < write &lt;",
                line,
            )
        if self.state == self._places.start or move.failed_at >= 0 or move.started >= 0:
            self.has_value = False
            self.opened_line = line + text.count("\n", 0, max(0, move.started))
        self.state = move.state
        if text:
            self._before = text

    def _value(self, line: int, before: str) -> None:
        if problem := self._places.value_problem(self.state, before):
            raise TemplateError(problem, line)
        self.has_value = True
        self.state = self._places.after_value(self.state)

    def _if(self, node: nodes.If) -> None:
        branches = [(branch.body, branch.lineno) for branch in (node, *node.elif_)]
        if node.else_:
            branches.append((node.else_, node.else_[0].lineno))
        self._branches(branches, node.lineno, bool(node.else_))

    def _for(self, node: nodes.For) -> None:
        self._branches([(node.body, node.lineno), (node.else_, node.lineno)], node.lineno, is_complete=False)

    def _branches(self, branches: list[tuple[list[nodes.Node], int]], line: int, is_complete: bool) -> None:
        """Walk over the bodies of branches, of which one runs, or none unless the branches are complete."""
        entry, before = self.state, self._before
        exits = [] if is_complete else [(entry, line)]
        for body, first_line in branches:
            self.state, self._before = entry, before
            self.body(body)
            exits.append((self.state, first_line))
        state, _ = exits[0]
        for other, other_line in exits[1:]:
            if self._places.place(other) != self._places.place(state):
                raise TemplateError(
                    f"what stands behind line {line} would be {self._places.words[state]} or"
                    f" {self._places.words[other]} (line {other_line}), as the condition turns out: each branch must"
                    " close what it opens",
                    line,
                )
        if len({state for state, _ in exits}) > 1:
            state = self._places.place(state)
        if state != self._places.start:
            self.has_value = True
        self.state, self._before = state, ""
