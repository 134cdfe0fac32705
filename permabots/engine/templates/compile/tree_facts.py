"""Facts about a syntax tree: the first expressions of its output, the expressions of the author, the nesting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import nodes

from permabots.engine.templates.compile.macros import FRAMES_OF_A_CALL


def beginning_of(tree: nodes.Template) -> frozenset[int]:
    """Return the identities of the expressions that may begin a template's output.

    Only the source decides: the expression after one whose value is empty is not at the beginning.

    Args:
        tree: the template's syntax tree.
    """
    return frozenset(map(id, _first(tree.body)))


def _first(body: Sequence[nodes.Node]) -> Iterator[nodes.Expr]:
    for node in body:
        if isinstance(node, nodes.Output):
            first = next((child for child in node.nodes if not _is_blank(child)), None)
            if first is not None:
                yield from [] if isinstance(first, nodes.TemplateData) else [first]
                return
        elif isinstance(node, nodes.If):
            for branch in (node.body, *(other.body for other in node.elif_), node.else_):
                yield from _first(branch)
            return
        elif not isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.Macro):
            return


def _is_blank(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.TemplateData) and not node.data.strip()


def is_authors(node: nodes.Node | None) -> bool:
    """Return whether the value of an expression can only be a text of the author, or empty."""
    if isinstance(node, nodes.CondExpr):
        return is_authors(node.expr1) and (node.expr2 is None or is_authors(node.expr2))
    if isinstance(node, nodes.Concat):
        return all(map(is_authors, node.nodes))
    if isinstance(node, nodes.Add):
        return is_authors(node.left) and is_authors(node.right)
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return isinstance(node.node, nodes.Name) and node.node.name == "env"
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def height_of(node: nodes.Node) -> int:
    """Return how many stack frames of Python a node takes, with its children and the walk through a value."""
    return FRAMES_OF_A_CALL + _height(node)


def _height(node: nodes.Node) -> int:
    if isinstance(node, nodes.Filter) and node.node is not None:
        arguments = [_height(child) for child in node.iter_child_nodes(exclude=("node",))]
        return max(1 + _height(node.node), 3 + max(arguments, default=0))
    return _FRAMES.get(type(node), 1) + max(map(_height, node.iter_child_nodes()), default=0)


_FRAMES: dict[type[nodes.Node], int] = {
    **dict.fromkeys((nodes.Call, nodes.Concat, nodes.Dict, nodes.List, nodes.Test, nodes.Tuple), 3),
    **dict.fromkeys((nodes.Assign, nodes.ScopedEvalContextModifier), 2),
    **dict.fromkeys((nodes.AssignBlock, nodes.Block, nodes.CallBlock, nodes.FilterBlock, nodes.Scope), 6),
    **dict.fromkeys((nodes.For, nodes.With), 4),
    nodes.If: 3,
}
"""Stack frames of Python that a node of each kind takes; 1 for all other kinds."""
