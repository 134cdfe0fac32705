"""Compiling the statements of a syntax tree: each node becomes a function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from jinja2 import nodes

from permabots.engine.templates.compile.bodies import Bodies
from permabots.engine.templates.compile.calls import call
from permabots.engine.templates.compile.loops import Passes, loop_statement
from permabots.engine.templates.compile.macros import (
    Expression,
    Macro,
    Signature,
    Statement,
    captured,
)
from permabots.engine.templates.compile.names import path_of, reads_name, set_before_read
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.compile.running import inside, set_in_namespace, unpack, with_line
from permabots.engine.templates.compile.tree_facts import height_of
from permabots.engine.templates.value_kinds import Undefined, Value
from permabots.exceptions import TemplateError

_MACRO_SPECIALS = ("caller", "kwargs", "varargs")


class Statements(Bodies):
    """Compiles statements."""

    def _if(self, node: nodes.If) -> Statement:
        branches = [(self.expression(node.test), self.body(node.body))]
        branches += [
            (with_line(self.expression(branch.test), branch.lineno), self.body(branch.body)) for branch in node.elif_
        ]
        otherwise = self.body(node.else_) if node.else_ else None

        if len(branches) == 1:
            return _choice(*branches[0], otherwise)

        def choose(run: Run) -> None:
            for test, body in branches:
                if test(run):
                    body(run)
                    return
            if otherwise:
                otherwise(run)

        return choose

    def _assign(self, node: nodes.Assign) -> Statement:
        self.kept += 1
        value, target = self.expression(node.node), self.target(node.target)
        return lambda run: target(run, value(run))

    def _assign_block(self, node: nodes.AssignBlock) -> Statement:
        self.kept += 1
        target, body = self.target(node.target), self.body(node.body)
        change = self._filter_chain(node.filter) if node.filter else None

        def assign(run: Run) -> None:
            text = captured(run, body, Scope(run.scope))
            target(run, change(run, text) if change else text)

        return assign

    def target(self, node: nodes.Node) -> Callable[[Run, Value], None]:
        """Return the function that sets a name, an attribute of a namespace, or several of them to a value."""
        if isinstance(node, nodes.Name):
            name = node.name

            def store(run: Run, value: Value) -> None:
                run.scope[name] = value

            return store
        if isinstance(node, nodes.NSRef):
            return partial(set_in_namespace, self.expression(nodes.Name(node.name, "load", lineno=node.lineno)), node)
        return partial(unpack, [self.target(item) for item in cast(nodes.Tuple, node).items])

    def _with(self, node: nodes.With) -> Statement:
        values = [self.expression(value) for value in node.values]
        targets = [self.target(target) for target in node.targets]
        body = self.body(node.body)

        def run_inside(run: Run) -> None:
            outer = run.scope
            scope = Scope(outer)
            for target, value in zip(targets, values, strict=True):
                result = value(run)
                run.scope = scope
                target(run, result)
                run.scope = outer
            inside(run, body, scope)

        return run_inside

    def _scope(self, node: nodes.Scope) -> Statement:
        body = self.body(node.body)
        return lambda run: inside(run, body, Scope(run.scope))

    def _unchanged(self, node: nodes.ScopedEvalContextModifier) -> Statement:
        return self.body(node.body)

    # --- loops, macros and blocks -----------------------------------------------------------------------------------

    def _for(self, node: nodes.For) -> Statement:
        body_nodes = list(node.body)
        if reads_name([node.target], "loop"):
            raise TemplateError("loop is set by every for: the items want another name", node.lineno)
        items, target, test = self.expression(node.iter), self.target(node.target), self.optional(node.test)
        kept = self.kept
        body = self.body(body_nodes)
        return loop_statement(
            Passes(
                items=items,
                name=node.target.name if isinstance(node.target, nodes.Name) else "",
                target=target,
                test=test,
                body=body,
                keeps=self.kept != kept,
                otherwise=self.body(node.else_) if node.else_ else None,
                has_loop=node.recursive or reads_name(body_nodes, "loop"),
                is_recursive=node.recursive,
                frames=height_of(node),
            )
        )

    def _macro(self, node: nodes.Macro) -> Statement:
        signature, body = self._defined(node, node.name)

        def define(run: Run) -> None:
            run.scope[node.name] = Macro(signature, body, run.scope)

        return define

    def _defined(self, node: nodes.Macro | nodes.CallBlock, name: str) -> tuple[Signature, Statement]:
        self.made += 1
        self.kept += 1
        parameters = tuple(argument.name for argument in node.args)
        if "caller" in parameters[: len(parameters) - len(node.defaults)]:
            raise TemplateError('"caller" argument must be omitted or be given a default', node.lineno)
        defaults = tuple(self.expression(default) for default in node.defaults)
        specials = frozenset(special for special in _MACRO_SPECIALS if reads_name(list(node.body), special))
        return Signature(name, parameters, defaults, specials, height_of(node)), self.body(node.body)

    def _call_block(self, node: nodes.CallBlock) -> Statement:
        signature, body = self._defined(node, "caller")
        callee, arguments, path = self.callee(node.call.node), self.arguments(node.call), path_of(node.call.node)

        def call_with_block(run: Run) -> None:
            function = callee(run)
            positional, named = arguments(run)
            named["caller"] = Macro(signature, body, run.scope)
            run.put(call(run, function, path, positional, named))

        return call_with_block

    def _filter_block(self, node: nodes.FilterBlock) -> Statement:
        body, change = self.body(node.body), self._filter_chain(node.filter)
        return lambda run: run.put(change(run, captured(run, body, Scope(run.scope))))

    def _filter_chain(self, node: nodes.Filter) -> Callable[[Run, Value], Value]:
        """Return the function that filters the output of a block; the innermost filter is applied first."""
        name = "^"  # no template can have this name
        change = self.filter_block(node, lambda run: run.scope[name])

        def apply(run: Run, value: Value) -> Value:
            outer = run.scope
            run.scope = Scope(outer)
            run.scope[name] = value
            try:
                return change(run)
            finally:
                run.scope = outer

        return apply

    def filter_block(self, node: nodes.Filter, value: Expression) -> Expression:
        """Return the function that applies nested filters to a value.

        Args:
            node: the outermost filter.
            value: the function that evaluates the value.
        """
        inner = node.node
        return self.filter(node, self.filter_block(inner, value) if isinstance(inner, nodes.Filter) else value)

    def _block(self, node: nodes.Block) -> Statement:
        body, frames = self.body(node.body), height_of(node)
        own = set_before_read(node)

        def begin(outer: Scope) -> Scope:
            scope = Scope(outer)
            scope.update((name, Undefined(name)) for name in own)
            return scope

        def outermost(run: Run) -> Scope:
            scope = run.scope
            while scope.parent is not None:
                scope = scope.parent
            return scope

        self.names.blocks[node.name] = lambda run: captured(run, body, begin(outermost(run)), frames)
        return lambda run: run.put(captured(run, body, begin(run.scope if node.scoped else outermost(run))))


Statements.statement_makers = {
    nodes.Assign: Statements._assign,
    nodes.AssignBlock: Statements._assign_block,
    nodes.Block: Statements._block,
    nodes.CallBlock: Statements._call_block,
    nodes.FilterBlock: Statements._filter_block,
    nodes.For: Statements._for,
    nodes.If: Statements._if,
    nodes.Macro: Statements._macro,
    nodes.Scope: Statements._scope,
    nodes.ScopedEvalContextModifier: Statements._unchanged,
    nodes.With: Statements._with,
}


def _choice(test: Expression, body: Statement, otherwise: Statement | None) -> Statement:
    """Return the function of an ``if`` without ``elif``: the most frequent one."""

    def choose(run: Run) -> None:
        if test(run):
            body(run)
        elif otherwise:
            otherwise(run)

    return choose
