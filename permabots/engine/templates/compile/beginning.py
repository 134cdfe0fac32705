"""Which expression begins what a template puts out: in an address, that one stands as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import nodes


def beginning_of(tree: nodes.Template) -> frozenset[int]:
    """Return the identities of the expressions that may be the first that a template puts out.

    It is told from the source alone, so that one which gives nothing never makes the next one the beginning.
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
