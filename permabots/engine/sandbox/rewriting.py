"""What is changed in a template's syntax tree, so that each of its steps is bounded and its author's text is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Extends: "a template cannot extend another one",
    nodes.FromImport: "a template cannot import another one",
    nodes.Import: "a template cannot import another one",
    nodes.Include: "a template cannot include another one",
    nodes.ScopedEvalContextModifier: "escaping cannot be changed for a part of a template: use the filter safe",
}

BEGINS, CONCAT, EACH, ITEM, LITERAL, MADE, METHOD, OUTPUT = "^", "~", "%", ".", "''", "[]", "()", "{{"
"""Names of the filters that the steps become. No author can write these, and none would do harm if one could."""


def rewritten(tree: nodes.Template, known: frozenset[str]) -> nodes.Template:
    """Return a syntax tree whose steps go through the environment's filters.

    Args:
        tree: as Jinja parsed it.
        known: the names of all filters and tests, as ``filter x`` and ``test x``.

    Raises:
        jinja2.TemplateSyntaxError: it uses a tag, a filter or a test that templates here do not have.
    """
    return _Rewriter(known).visit(tree)  # type: ignore[no-any-return]


class _Rewriter(NodeTransformer):
    def __init__(self, known: frozenset[str]) -> None:
        self._known = known

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        if type(node) in _REFUSED:
            _refuse(_REFUSED[type(node)], node)
        return super().generic_visit(node, *args, **kwargs)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        return self._checked("filter", node)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        return self._checked("test", node)

    def _checked(self, what: str, node: nodes.Filter | nodes.Test) -> nodes.Node:
        if f"{what} {node.name}" not in self._known:
            _refuse(f"No {what} named {node.name!r}.", node)
        return self.generic_visit(node)

    def visit_Const(self, node: nodes.Const) -> nodes.Node:
        return _step(LITERAL, node, []) if isinstance(node.value, str) else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        return self._looked_up(ITEM, node, nodes.Const(node.attr))

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        if isinstance(node.arg, nodes.Slice):
            return _step(MADE, self.generic_visit(node), [])
        plain = isinstance(node.arg, nodes.Const)
        return self._looked_up(ITEM, node, node.arg if plain else self.visit(node.arg))

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        method = node.node
        if isinstance(method, nodes.Getattr):
            node.node = nodes.Name("", "load")  # its own rule is another one than that of an attribute
            self.generic_visit(node)
            node.node = self._looked_up(METHOD, method, nodes.Const(method.attr))
            return node
        return self.generic_visit(node)

    def _looked_up(self, step: str, node: nodes.Getattr | nodes.Getitem, key: nodes.Expr) -> nodes.Expr:
        path = nodes.Const(_path(node.node))
        return _step(step, self.visit(node.node), [key, path])

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        first, *others = (self.visit(child) for child in node.nodes)
        return _step(CONCAT, first, others)

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return self._made(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        return self._made(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        return self._made(node) if node.ctx == "load" else self.generic_visit(node)

    def _made(self, node: nodes.Expr) -> nodes.Node:
        return _step(MADE, self.generic_visit(node), [])

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> nodes.Node:
        self.generic_visit(node)
        node.filter = _step(OUTPUT, node.filter, [])  # Jinja itself would put out what a filter made unescaped
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _step(EACH, node.iter, [nodes.Const(_static_chars(node.body))])
        return node


def mark_beginning(body: list[nodes.Node]) -> None:
    """Mark the expressions that may be the first that a template puts out.

    Args:
        body: the nodes of a template or of a branch in it; it is changed in place.
    """
    for node in body:
        if isinstance(node, nodes.Output):
            if _mark_first(node.nodes):
                return
        elif isinstance(node, nodes.If):
            for branch in (node.body, *(other.body for other in node.elif_), node.else_):
                mark_beginning(branch)
            return
        elif not isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.Macro):
            return


def _mark_first(children: list[nodes.Expr]) -> bool:
    for number, child in enumerate(children):
        if not isinstance(child, nodes.TemplateData):
            children[number] = _marked(child)
            return True
        if child.data.strip():
            return True
    return False


def _marked(node: nodes.Expr) -> nodes.Expr:
    """Mark the leftmost of what is put together, and each of what is chosen between."""
    if isinstance(node, nodes.Concat):
        node.nodes[0] = _marked(node.nodes[0])
    elif isinstance(node, nodes.Add):
        node.left = _marked(node.left)
    elif isinstance(node, nodes.CondExpr):
        node.expr1 = _marked(node.expr1)
        node.expr2 = node.expr2 and _marked(node.expr2)
    else:
        return _step(BEGINS, node, [])
    return node


def _step(name: str, node: nodes.Node, arguments: list[nodes.Expr]) -> nodes.Filter:
    return nodes.Filter(node, name, arguments, [], None, None, lineno=node.lineno)


def _path(node: nodes.Node) -> str:
    """Return an expression as its author would name it."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_path(node.node)}.{node.arg.value}"
    if isinstance(node, nodes.Call):
        return f"{_path(node.node)}()"
    return "(…)"


def _static_chars(body: Iterable[nodes.Node]) -> int:
    """Return how many characters one round of a loop writes, loops in it left out."""
    return sum(
        len(node.data) if isinstance(node, nodes.TemplateData) else _static_chars(node.iter_child_nodes())
        for node in body
        if not isinstance(node, nodes.For)
    )


def _refuse(message: str, node: nodes.Node) -> NoReturn:
    raise TemplateSyntaxError(message, node.lineno)
