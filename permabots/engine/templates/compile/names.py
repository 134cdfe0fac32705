"""The names in a template: those that it sets, those that it reads, and their spelling in error messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

if TYPE_CHECKING:
    from permabots.engine.templates.compile.run import Run

_MAX_READ = 200
_SPECIALS = frozenset({"caller", "kwargs", "loop", "varargs"})


class Names:
    """The names of one template.

    Args:
        tree: the template's syntax tree.

    Attributes:
        stored: the names that the template may set; all others come from its context.
        has_blocks: whether the template has blocks.
        blocks: the functions that return the output of a block, by its name.
        reads: the dotted names that the template reads, a few hundred at most.
    """

    def __init__(self, tree: nodes.Template) -> None:
        self.stored = frozenset(_stored(tree)) | _SPECIALS
        self.has_blocks = any(True for _ in tree.find_all(nodes.Block))
        self.blocks: dict[str, Callable[[Run], str]] = {}
        self.reads: dict[str, None] = {}

    def read(self, path: str) -> None:
        """Note a name that the template reads."""
        if len(self.reads) < _MAX_READ and "(" not in path:
            self.reads[path] = None


def _stored(tree: nodes.Template) -> Iterator[str]:
    for name in tree.find_all(nodes.Name):
        if name.ctx in ("store", "param"):
            yield name.name
    for macro in tree.find_all(nodes.Macro):
        yield macro.name


def reads_name(children: list[nodes.Node], name: str) -> bool:
    """Return whether a name is anywhere in some nodes."""
    return any(
        node.name == name
        for child in children
        for node in ([child] if isinstance(child, nodes.Name) else child.find_all(nodes.Name))
    )


def set_before_read(block: nodes.Block) -> list[str]:
    """Return the names that a block sets before it reads them: its macros do not read those of outside, as Jinja's.

    A macro reads when it is called, so what it reads does not count.
    """
    own: list[str] = []
    read: set[str] = set()
    for child in block.body:
        if isinstance(child, nodes.Macro):
            continue
        names = list(child.find_all(nodes.Name))
        read.update(name.name for name in names if name.ctx == "load")
        if isinstance(child, nodes.Assign | nodes.AssignBlock):
            own += [name.name for name in names if name.ctx == "store" and name.name not in read]
    return own


def path_of(node: Any) -> str:
    """Return an expression as its author would write it, shortened."""
    return _path(node)[:100]


def _path(node: Any) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_path(node.node)}.{node.arg.value}"
    if isinstance(node, nodes.Call):
        return f"{_path(node.node)}()"
    return "(…)"
