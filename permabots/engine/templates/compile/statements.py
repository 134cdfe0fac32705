"""From the statements of a syntax tree to functions that run them: one for each node, made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any, cast

from jinja2 import nodes

from permabots.engine.templates.compile.calls import FAILURES, call
from permabots.engine.templates.compile.expressions import Expressions
from permabots.engine.templates.compile.loops import Passes, loop_statement
from permabots.engine.templates.compile.macros import (
    Expression,
    Macro,
    Signature,
    Statement,
    captured,
)
from permabots.engine.templates.compile.names import Names, path_of, reads_name
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.compile.tree_facts import height_of, is_authors
from permabots.engine.templates.json_values import LISTS, Namespace, Unknown, Value, called, number_text
from permabots.engine.templates.rendered_text import Literal
from permabots.exceptions import RenderLimitExceeded, TemplateError

_MACRO_SPECIALS = ("caller", "kwargs", "varargs")
_NOTHING = Literal("")
_PIECE_BYTES = 8


class Statements(Expressions):
    """Makes statements ready.

    Args:
        names: what the template defines and reads.
        beginning: the expressions that begin the output, and stand in it as they are, by their identity.
    """

    def __init__(self, names: Names, beginning: frozenset[int] = frozenset()) -> None:
        super().__init__(names)
        self._beginning = beginning

    def body(self, children: Sequence[nodes.Node]) -> Statement:
        """Return what runs statements one after the other; what they take is charged before the first."""
        outer, self.count = self.count, 1
        steps: list[Statement] = []
        for is_output, group in groupby(children, lambda node: isinstance(node, nodes.Output)):
            if is_output:
                steps.append(self._output(list(chain.from_iterable(node.nodes for node in cast(Any, group)))))
            else:
                steps += map(self._statement, group)
        charge, self.count = self.count, outer

        def run_all(run: Run) -> None:
            budget = run.budget
            budget.steps -= charge
            if budget.steps < budget.floor:
                budget.check()
            for step in steps:
                step(run)

        return run_all

    def _statement(self, node: nodes.Node) -> Statement:
        self.count += 1
        self.made += 2
        make = _MAKERS.get(type(node))
        if make is None:
            raise TemplateError(_REFUSED.get(type(node), "this cannot be used in a template"), node.lineno)
        return _located(make(self, node), node.lineno)

    # --- putting out ------------------------------------------------------------------------------------------------

    def _output(self, children: list[nodes.Expr]) -> Statement:
        """Return what puts out literal text and values, one after the other."""
        parts = [self._part(child) for child in children]
        size = sum(_PIECE_BYTES + 4 * len(text) for text, *_ in parts)

        def put_out(run: Run) -> None:
            out = run.out
            made = size
            line = 0
            try:
                for text, evaluate, line, is_literal in parts:  # noqa: B007 - the line of what fails
                    if evaluate is None:
                        out.append(text)
                        continue
                    value = evaluate(run)
                    if type(value) is str:
                        made += 4 * len(value)
                        out.append(value)
                    elif type(value) is int and not run.kind.keeps_values:
                        out.append(number_text(value))
                    else:
                        run.put(value, is_literal)
                run.budget.make(made)
            except (TemplateError, *FAILURES) as error:
                raise located(error, line) from error

        return put_out

    def _part(self, node: nodes.Expr) -> tuple[Literal, Expression | None, int, bool]:
        """Return a literal text, or what evaluates a value; its line; whether it can only be its author's words."""
        self.made += 1
        if isinstance(node, nodes.TemplateData):
            return Literal(node.data), None, node.lineno, True
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return Literal(node.value), None, node.lineno, True
        evaluate = self.beginning(node) if id(node) in self._beginning else self.expression(node)
        return _NOTHING, evaluate, node.lineno, is_authors(node)

    # --- conditions and names ---------------------------------------------------------------------------------------

    def _if(self, node: nodes.If) -> Statement:
        branches = [(self.expression(node.test), self.body(node.body))]
        branches += [
            (_located(self.expression(branch.test), branch.lineno), self.body(branch.body)) for branch in node.elif_
        ]
        otherwise = self.body(node.else_) if node.else_ else None

        def choose(run: Run) -> None:
            for test, body in branches:
                if test(run):
                    body(run)
                    return
            if otherwise:
                otherwise(run)

        return choose

    def _assign(self, node: nodes.Assign) -> Statement:
        value, target = self.expression(node.node), self.target(node.target)
        return lambda run: target(run, value(run))

    def _assign_block(self, node: nodes.AssignBlock) -> Statement:
        target, body = self.target(node.target), self.body(node.body)
        change = self._filter_chain(node.filter) if node.filter else None

        def assign(run: Run) -> None:
            text = captured(run, body, Scope(run.scope))
            target(run, change(run, text) if change else text)

        return assign

    def target(self, node: nodes.Node) -> Callable[[Run, Value], None]:
        """Return what sets a name, a namespace's name, or several of them."""
        if isinstance(node, nodes.Name):
            name = node.name

            def store(run: Run, value: Value) -> None:
                run.scope[name] = value

            return store
        if isinstance(node, nodes.NSRef):
            return partial(_set_in_namespace, self.expression(nodes.Name(node.name, "load", lineno=node.lineno)), node)
        return partial(_unpack, [self.target(item) for item in cast(nodes.Tuple, node).items])

    def _with(self, node: nodes.With) -> Statement:
        values = [self.expression(value) for value in node.values]
        targets = [self.target(target) for target in node.targets]
        body = self.body(node.body)

        def run_inside(run: Run) -> None:
            outer = run.scope
            scope = Scope(outer)
            for target, value in zip(targets, values, strict=True):
                found = value(run)
                run.scope = scope
                target(run, found)
                run.scope = outer
            _inside(run, body, scope)

        return run_inside

    def _scope(self, node: nodes.Scope) -> Statement:
        body = self.body(node.body)
        return lambda run: _inside(run, body, Scope(run.scope))

    def _unchanged(self, node: nodes.ScopedEvalContextModifier) -> Statement:
        return self.body(node.body)

    # --- loops, macros and blocks -----------------------------------------------------------------------------------

    def _for(self, node: nodes.For) -> Statement:
        body_nodes = list(node.body)
        if reads_name([node.target], "loop"):
            raise TemplateError("loop is set by every for: the items want another name", node.lineno)
        return loop_statement(
            Passes(
                items=self.expression(node.iter),
                target=self.target(node.target),
                test=self.optional(node.test),
                body=self.body(body_nodes),
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
            found = callee(run)
            positional, named = arguments(run)
            named["caller"] = Macro(signature, body, run.scope)
            run.put(call(run, found, path, positional, named))

        return call_with_block

    def _filter_block(self, node: nodes.FilterBlock) -> Statement:
        body, change = self.body(node.body), self._filter_chain(node.filter)
        return lambda run: run.put(change(run, captured(run, body, Scope(run.scope))))

    def _filter_chain(self, node: nodes.Filter) -> Callable[[Run, Value], Value]:
        """Return what filters a block: the innermost filter works on what the block put out."""
        name = "^"  # which no author can write
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
        """Return what filters a value by the filters that stand one in the other."""
        inner = node.node
        return self.filter(node, self.filter_block(inner, value) if isinstance(inner, nodes.Filter) else value)

    def _block(self, node: nodes.Block) -> Statement:
        body, frames = self.body(node.body), height_of(node)

        def outermost(run: Run) -> Scope:
            scope = run.scope
            while scope.parent is not None:
                scope = scope.parent
            return scope

        self.names.blocks[node.name] = lambda run: captured(run, body, Scope(outermost(run)), frames)
        return lambda run: run.put(captured(run, body, Scope(run.scope if node.scoped else outermost(run))))


def _located(function: Callable[[Run], Any], line: int) -> Callable[[Run], Any]:
    """Return a function whose errors say in which line they are."""

    def run_located(run: Run) -> Any:
        try:
            return function(run)
        except (TemplateError, *FAILURES) as error:
            raise located(error, line) from error

    return run_located


def located(error: Exception, line: int) -> TemplateError:
    """Return an error with the line that it comes from, unless it has one."""
    if not isinstance(error, TemplateError):
        return TemplateError(" ".join(str(error).split())[:200] or "it cannot be evaluated", line)
    if error.line is not None:
        return error
    kind = RenderLimitExceeded if isinstance(error, RenderLimitExceeded) else TemplateError
    return kind(error.message, line)


def _set_in_namespace(namespace: Expression, node: nodes.NSRef, run: Run, value: Value) -> None:
    found = namespace(run)
    if not isinstance(found, Namespace):
        raise TemplateError(f"{node.name} is no namespace, so {node.name}.{node.attr} cannot be set")
    run.budget.make(64)
    found.values[node.attr] = value


def _unpack(targets: list[Callable[[Run, Value], None]], run: Run, value: Value) -> None:
    if isinstance(value, Unknown):
        value = [value] * len(targets)
    if isinstance(value, str):
        value = list(value[: len(targets) + 1])
    if type(value) not in LISTS:
        raise TemplateError(f"{called(value)} cannot be set to {len(targets)} names")
    if len(value) != len(targets):
        raise TemplateError(f"{len(targets)} names cannot be set to {len(value)} values")
    for target, item in zip(targets, value, strict=True):
        target(run, item)


def _inside(run: Run, body: Statement, scope: Scope) -> None:
    outer = run.scope
    run.scope = scope
    try:
        body(run)
    finally:
        run.scope = outer


_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Extends: "a template cannot extend another one",
    nodes.FromImport: "a template cannot import another one",
    nodes.Import: "a template cannot import another one",
    nodes.Include: "a template cannot include another one",
}
_MAKERS: dict[type[nodes.Node], Callable[[Statements, Any], Statement]] = {
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
