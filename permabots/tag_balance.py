"""Whether a tag of a text template can be closed, whichever way its conditions and loops go."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from jinja2 import nodes

from permabots.engine.templates.compile.program import parsed
from permabots.exceptions import TemplateError
from permabots.providers.base.markup import tags

Range = tuple[float, float]
"""The least and the greatest difference between how often a tag is opened and how often it is closed."""


def can_be_closed(template: str, name: str) -> bool:
    """Return whether a tag can be closed as often as it is opened.

    Two conditions may depend on each other, which cannot be known here: a tag that one condition opens and another
    closes is accepted.

    Args:
        template: a text template.
        name: the tag, in lower case.

    Returns:
        False also for a template that does not parse.
    """
    try:
        least, most = _of_body(parsed(template).body, name)
    except TemplateError:
        return False
    return least == most == 0 or least < 0 < most


def _of_body(body: Sequence[nodes.Node], name: str) -> Range:
    return _sum([_of_node(node, name) for node in body])


def _of_node(node: nodes.Node, name: str) -> Range:
    if isinstance(node, nodes.Output):
        outside = "".join(child.data if isinstance(child, nodes.TemplateData) else "0" for child in node.nodes)
        count = _opened(outside, name)
        return _sum([(count, count), *(_of_expression(child, name) for child in node.nodes)])
    if isinstance(node, nodes.If):
        bodies = [node.body, *(branch.body for branch in node.elif_), node.else_]
        return _either([_of_body(body, name) for body in bodies])
    least, most = _of_body(getattr(node, "body", ()), name)
    if isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock | nodes.AssignBlock):
        repeated = (-inf if least < 0 else 0), (inf if most > 0 else 0)  # any number of repeats
        return _either([repeated, _of_body(node.else_, name)]) if isinstance(node, nodes.For) else repeated
    return least, most


def _of_expression(node: nodes.Node, name: str) -> Range:
    """Return the range of the texts in an expression; a conditional expression uses one of its two."""
    if isinstance(node, nodes.CondExpr):
        chosen = [node.expr1, node.expr2]
        return _either([_of_expression(part, name) if part is not None else (0, 0) for part in chosen])
    if isinstance(node, nodes.Const):
        count = _opened(node.value, name) if isinstance(node.value, str) else 0
        return count, count
    return _sum([_of_expression(child, name) for child in node.iter_child_nodes()])


def _sum(ranges: Sequence[Range]) -> Range:
    return sum(least for least, _ in ranges), sum(most for _, most in ranges)


def _either(ranges: Sequence[Range]) -> Range:
    return min(least for least, _ in ranges), max(most for _, most in ranges)


def _opened(text: str, name: str) -> int:
    return sum((-1 if end else 1) for found, end, _ in tags(text) if found == name)
