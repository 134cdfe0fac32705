"""The statement ``for``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from permabots.engine.templates.compile.macros import Expression, Loop, Statement, captured
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.json_values import items_of
from permabots.engine.templates.value_kinds import Undefined, Value


class Passes(NamedTuple):
    """The parts of a loop.

    Attributes:
        items: returns the value that the loop walks through.
        name: the name that is set to each item; "" where the loop sets several names.
        target: sets the loop's names to an item.
        test: the loop's condition, by item; None without one.
        body: runs once for each item.
        keeps: whether the body sets names or keeps its scope for a later call: then each pass has a scope of its own.
        otherwise: runs where there are no items; None without an ``else``.
        has_loop: whether the body reads ``loop``.
        is_recursive: whether the body may call ``loop``.
        frames: stack frames of Python that the loop takes.
    """

    items: Expression
    name: str
    target: Callable[[Run, Value], None]
    test: Expression | None
    body: Statement
    keeps: bool
    otherwise: Statement | None
    has_loop: bool
    is_recursive: bool
    frames: int


def loop_statement(passes: Passes) -> Statement:
    """Return the function that runs a loop.

    Args:
        passes: the loop's parts.
    """
    if passes.is_recursive:
        return lambda run: run.put(_rendered(passes, run, passes.items(run), 0, 0))
    return lambda run: _run(passes, run, passes.items(run), 0)


def _rendered(passes: Passes, run: Run, value: Value, depth0: int, frames: int) -> str:
    def body(run: Run) -> None:
        _run(passes, run, value, depth0)

    return captured(run, body, Scope(run.scope), frames)


def _run(passes: Passes, run: Run, value: Value, depth0: int) -> None:
    items: Any = items_of(value, run.budget)
    outer = run.scope
    try:
        if passes.test is not None:
            items = _taken(passes, passes.test, run, items, outer)
        if not items:
            if passes.otherwise:
                run.scope = Scope(outer)
                passes.otherwise(run)
            return
        loop = None
        if passes.has_loop:
            again = (
                (lambda run, value, depth: _rendered(passes, run, value, depth, passes.frames))
                if passes.is_recursive
                else None
            )
            loop = Loop(items, depth0, again)
        _walk(passes, run, items, loop, outer)
    finally:
        run.scope = outer


def _walk(passes: Passes, run: Run, items: Any, loop: Loop | None, outer: Scope) -> None:
    _, name, target, _, body, keeps, *_ = passes
    scope = run.scope = Scope(outer)
    for number, item in enumerate(items):
        if keeps and number:
            scope = run.scope = Scope(outer)
        if loop:
            loop.index0 = number
            scope["loop"] = loop
        if name:
            scope[name] = item
        else:
            target(run, item)
        body(run)


def _taken(passes: Passes, test: Expression, run: Run, items: Any, outer: Scope) -> list[Value]:
    """Return the items for which a loop's condition is true."""
    taken: list[Value] = []
    for item in items:
        run.budget.spend(2)
        run.scope = Scope(outer)
        run.scope["loop"] = Undefined("loop")
        passes.target(run, item)
        if test(run):
            taken.append(item)
            run.budget.make(8)
    return taken
