"""Functions that compiled statements share: the lines of errors, setting names, scopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from permabots.engine.templates.compile.calls import FAILURES
from permabots.engine.templates.compile.macros import Expression, Statement
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.json_values import LISTS, called
from permabots.engine.templates.value_kinds import Namespace, Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError


def with_line(function: Callable[[Run], Any], line: int) -> Callable[[Run], Any]:
    """Return a function whose errors name a line.

    Args:
        function: the function.
        line: the line.
    """

    def run_located(run: Run) -> Any:
        try:
            return function(run)
        except (TemplateError, *FAILURES) as error:
            raise located(error, line) from error

    return run_located


def located(error: Exception, line: int) -> TemplateError:
    """Return an error as a `TemplateError` with a line; an error that has a line keeps it."""
    if not isinstance(error, TemplateError):
        return TemplateError(" ".join(str(error).split())[:200] or "it cannot be evaluated", line)
    if error.line is not None:
        return error
    kind = RenderLimitExceeded if isinstance(error, RenderLimitExceeded) else TemplateError
    return kind(error.message, line)


def set_in_namespace(namespace: Expression, node: nodes.NSRef, run: Run, value: Value) -> None:
    owner = namespace(run)
    if not isinstance(owner, Namespace):
        raise TemplateError(f"{node.name} is no namespace, so {node.name}.{node.attr} cannot be set")
    run.budget.make(64)
    owner.values[node.attr] = value


def unpack(targets: list[Callable[[Run, Value], None]], run: Run, value: Value) -> None:
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


def inside(run: Run, body: Statement, scope: Scope) -> None:
    outer = run.scope
    run.scope = scope
    try:
        body(run)
    finally:
        run.scope = outer
