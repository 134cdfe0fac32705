"""Compiling literals, names, attributes and items: each node becomes a function that evaluates it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from jinja2 import nodes

from permabots.engine.templates.compile.macros import Blocks, Expression
from permabots.engine.templates.compile.names import Names, path_of
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.json_values import MAPPINGS, charge_new, key_of
from permabots.engine.templates.rendered_text import Literal, Variable
from permabots.engine.templates.tables.functions import FUNCTIONS
from permabots.engine.templates.tables.lookup import attribute, item, sliced
from permabots.engine.templates.value_kinds import Undefined, Value
from permabots.exceptions import TemplateError

_MISSING = object()


class Lookups:
    """Compiles literals, names, attributes and items.

    Args:
        names: the names that the template sets and reads.

    Attributes:
        count: compiled nodes of the current body.
        made: compiled nodes in all.
        kept: compiled statements that set a name in their scope, or keep the scope for a later call.
    """

    makers: ClassVar[Mapping[type[nodes.Node], Callable[[Any, Any], Expression]]]
    """The method that compiles each kind of node."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.count = 0
        self.made = 0
        self.kept = 0

    def expression(self, node: nodes.Node) -> Expression:
        """Return the function that evaluates a node.

        Raises:
            TemplateError: templates cannot use nodes of this kind; with the line.
        """
        self.count += 1
        self.made += 1
        make = self.makers.get(type(node))
        if make is None:
            raise TemplateError(f"{type(node).__name__.lower()} cannot be used in a template", node.lineno)
        return make(self, node)

    def optional(self, node: nodes.Node | None) -> Expression | None:
        """Return the function that evaluates a node, None for None."""
        return None if node is None else self.expression(node)

    # --- values -----------------------------------------------------------------------------------------------------

    def _const(self, node: nodes.Const) -> Expression:
        value = Literal(node.value) if isinstance(node.value, str) else node.value
        return lambda _run: value

    def _name(self, node: nodes.Name) -> Expression:
        name = node.name
        undefined = Undefined(name)
        if name == "self" and self.names.has_blocks:
            blocks = Blocks(self.names.blocks)
            return lambda _run: blocks
        if name == "env" and name not in self.names.stored:
            return lambda run: run.variables()
        fallback: Value = FUNCTIONS.get(name, undefined)
        self.names.read(name)
        if name not in self.names.stored:

            def from_context(run: Run) -> Value:
                return run.context.get(name, fallback)

            return from_context

        def look_up(run: Run) -> Value:
            scope: Scope | None = run.scope
            while scope is not None:
                try:
                    return scope[name]
                except KeyError:
                    scope = scope.parent
            return run.context.get(name, fallback)

        return look_up

    def _tuple(self, node: nodes.Tuple) -> Expression:
        items = [self.expression(item) for item in node.items]
        return lambda run: charge_new(tuple([item(run) for item in items]), run.budget)

    def _list(self, node: nodes.List) -> Expression:
        items = [self.expression(item) for item in node.items]
        return lambda run: charge_new([item(run) for item in items], run.budget)

    def _dict(self, node: nodes.Dict) -> Expression:
        pairs = [(self.expression(pair.key), self.expression(pair.value)) for pair in node.items]
        return lambda run: charge_new({key_of(key(run), run.budget): value(run) for key, value in pairs}, run.budget)

    # --- looking up ---------------------------------------------------------------------------------------------------

    def _getattr(self, node: nodes.Getattr) -> Expression:
        name = node.attr
        path = path_of(node.node)
        if isinstance(node.node, nodes.Name):
            if node.node.name == "env" and "env" not in self.names.stored:
                return self._variable(name)
            if node.node.name == "self" and self.names.has_blocks:
                blocks = Blocks(self.names.blocks)
                return lambda _run: blocks.block(name)
        owner = self.expression(node.node)
        self.names.read(f"{path}.{name}")
        if isinstance(node.node, nodes.Name):
            return self._of_name(node.node.name, name, path)

        def get(run: Run) -> Value:
            value = owner(run)
            if type(value) is dict and name in value:
                return value[name]
            return attribute(value, name, path)

        return get

    def _of_name(self, owner: str, name: str, path: str) -> Expression:
        """Return the function of an attribute of a name, ``a.b``: by far the most frequent expression."""
        fallback: Value = FUNCTIONS.get(owner, Undefined(owner))

        def of_context(run: Run) -> Value:
            value = run.context.get(owner, fallback)
            if type(value) is dict and name in value:
                return value[name]
            return attribute(value, name, path)

        if owner not in self.names.stored:
            return of_context

        def of_scope(run: Run) -> Value:
            scope: Scope | None = run.scope
            while scope is not None:
                if owner in scope:
                    value = scope[owner]
                    if type(value) is dict and name in value:
                        return value[name]
                    return attribute(value, name, path)
                scope = scope.parent
            return of_context(run)

        return of_scope

    def _variable(self, key: str) -> Expression:
        """Return the function of one of the bot's variables; its text counts as the author's."""
        self.names.read(f"env.{key}")

        def get(run: Run) -> Value:
            env: Value = run.context.get("env")
            if type(env) not in MAPPINGS:
                return attribute(Undefined("env") if env is None else env, key, "env")
            value = env.get(key, _MISSING)
            if value is _MISSING:
                return attribute(env, key, "env")
            return Variable(value) if isinstance(value, str) else value

        return get

    def _getitem(self, node: nodes.Getitem) -> Expression:
        path = path_of(node.node)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(node, node.arg, path)
        key = node.arg
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            name: str = key.value
            if isinstance(node.node, nodes.Name) and node.node.name == "env" and "env" not in self.names.stored:
                return self._variable(name)
            self.names.read(f"{path}.{name}")
        owner, index = self.expression(node.node), self.expression(key)
        return lambda run: item(owner(run), index(run), path, run.budget)

    def _slice(self, node: nodes.Getitem, bounds: nodes.Slice, path: str) -> Expression:
        owner = self.expression(node.node)
        start, stop, step = (self.optional(bound) for bound in (bounds.start, bounds.stop, bounds.step))
        return lambda run: sliced(
            owner(run), start and start(run), stop and stop(run), step and step(run), path, run.budget
        )
