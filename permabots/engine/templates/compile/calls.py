"""Calling functions of the tables and of the template, with errors in words for the author."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from permabots.engine.templates.compile.macros import Block, Loop, Macro
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import LISTS, called, items_of
from permabots.engine.templates.tables.functions import Function
from permabots.engine.templates.tables.registry import unknown_among
from permabots.engine.templates.value_kinds import Method, Undefined, Unknown, Value
from permabots.exceptions import TemplateError

FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""The errors that Python's functions raise for wrong arguments. Any other error is a defect of this package."""


def call(run: Run, callee: Value, path: str, arguments: list[Value], names: dict[str, Value]) -> Value:
    """Call a value.

    Args:
        run: the rendering.
        callee: the value that is called.
        path: the name of the value, as the author wrote it.
        arguments: the arguments by position.
        names: the arguments by name.

    Raises:
        TemplateError: the value cannot be called, or not with these arguments, or the call failed.
    """
    if isinstance(callee, Macro | Loop | Block):
        return callee.call(run, arguments, names)
    if isinstance(callee, Method):
        names.pop("caller", None)
        if (unknown := unknown_among(arguments, names)) is not None:
            return unknown
        return applied(path, callee.function, run.budget, callee.owner, *arguments, **names)
    if isinstance(callee, Function):
        names.pop("caller", None)
        return applied(path, callee.function, run.budget, *arguments, **names)
    if isinstance(callee, Unknown):
        return callee
    if isinstance(callee, Undefined):
        return Undefined(f"{callee.name}()" if callee.name else "")
    raise TemplateError(f"{path} is {called(callee)}, and cannot be called")


def applied(path: str, function: Callable[..., Value], *arguments: Any, **names: Any) -> Value:
    """Call a function of a table.

    Args:
        path: the function's name, as the author wrote it.
        function: the function.
        arguments: its arguments by position.
        names: its arguments by name.

    Raises:
        TemplateError: the function does not take these arguments; the message names the function.
    """
    try:
        return function(*arguments, **names)
    except FAILURES as error:
        raise failed(path, error) from error


def failed(path: str, error: Exception) -> TemplateError:
    """Return an error of a table's function as one in words that name the function."""
    # An error that was raised before the function's first line is about the number or names of its arguments.
    is_inside = error.__traceback__ and error.__traceback__.tb_next
    return TemplateError(f"{path}: {_words(error) if is_inside else 'it does not take these arguments'}")


def _words(error: Exception) -> str:
    if isinstance(error, ArithmeticError | ValueError):
        return " ".join(str(error).split())[:200]
    return "it does not take these values"


def spread(value: Value, kinds: tuple[type, ...], run: Run) -> Any:
    if isinstance(value, Unknown):
        return value.items() if kinds is LISTS else {}
    if isinstance(value, Undefined) and kinds is LISTS:
        return items_of(value, run.budget)  # no items, as in a loop
    if type(value) not in kinds:
        raise TemplateError("* wants a list of arguments, ** an object")
    run.budget.spend(len(value))
    run.budget.make(16 * len(value))
    return value
