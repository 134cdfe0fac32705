"""Whether a tag of a text template is closed, as its conditions and loops may turn out."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from jinja2 import nodes

from permabots.engine.templates.compile.program import parsed
from permabots.exceptions import TemplateError
from permabots.providers.base.markup import tags

Range = tuple[float, float]
"""How often, at the least and at the most, a tag is opened more often than it is closed."""


def can_be_closed(template: str, name: str) -> bool:
    """Whether there are conditions under which a tag is closed as often as it is opened.

    Args:
        template: a text template.
        name: the tag, in lower case.

    Returns:
        True also for a template that cannot be read: others say so.
    """
    try:
        least, most = _of_body(parsed(template).body, name)
    except TemplateError:
        return True
    return least <= 0 <= most


def _of_body(body: Sequence[nodes.Node], name: str) -> Range:
    ranges = [_of_node(node, name) for node in body]
    return sum(least for least, _ in ranges), sum(most for _, most in ranges)


def _of_node(node: nodes.Node, name: str) -> Range:
    if isinstance(node, nodes.Output):
        count = sum(_opened(child, name) for child in _texts(node))
        return count, count
    if isinstance(node, nodes.If):
        bodies = [node.body, *(branch.body for branch in node.elif_), node.else_]
        ranges = [_of_body(body, name) for body in bodies]
        return min(least for least, _ in ranges), max(most for _, most in ranges)
    least, most = _of_body(getattr(node, "body", ()), name)
    if isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock | nodes.AssignBlock):
        return (-inf if least < 0 else 0), (inf if most > 0 else 0)  # as often as anybody likes
    return least, most


def _texts(node: nodes.Output) -> list[str]:
    """Return the literal texts of an output: what stands between blocks, and each text in its expressions."""
    outside = "".join(child.data if isinstance(child, nodes.TemplateData) else "0" for child in node.nodes)
    inside = [
        found.value
        for child in node.nodes
        for found in ([child] if isinstance(child, nodes.Const) else child.find_all(nodes.Const))
        if isinstance(found.value, str)
    ]
    return [outside, *inside]


def _opened(text: str, name: str) -> int:
    return sum((-1 if end else 1) for found, end, _ in tags(text) if found == name)
