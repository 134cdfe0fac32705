"""The values that a template defines: macros, blocks and ``loop``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.json_values import charge_new
from permabots.engine.templates.tables import operators
from permabots.engine.templates.value_kinds import Kind, Method, Undefined, Value
from permabots.exceptions import TemplateError

Expression = Callable[[Run], Value]
Statement = Callable[[Run], None]

FRAMES_OF_A_CALL = 5
"""Stack frames of Python that a call takes besides those of the nodes of its body."""


class Signature(NamedTuple):
    """The signature of a macro.

    Attributes:
        name: the macro's name.
        parameters: the names of its parameters.
        defaults: the defaults of the last parameters.
        specials: those of ``varargs``, ``kwargs`` and ``caller`` that its body reads.
        frames: stack frames of Python that its body takes.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: tuple[Expression, ...]
    specials: frozenset[str]
    frames: int


class Macro(Kind):
    """A macro.

    Args:
        signature: its signature.
        body: writes its output.
        scope: the scope around its definition.
    """

    __slots__ = ("body", "scope", "signature")
    called = "a macro"

    def __init__(self, signature: Signature, body: Statement, scope: Scope) -> None:
        self.signature = signature
        self.body = body
        self.scope = scope

    attributes: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {
            "arguments": lambda self: self.signature.parameters,
            "caller": lambda self: "caller" in self.signature.specials,
            "catch_kwargs": lambda self: "kwargs" in self.signature.specials,
            "catch_varargs": lambda self: "varargs" in self.signature.specials,
            "name": lambda self: self.signature.name,
        }
    )

    def call(self, run: Run, arguments: list[Value], names: dict[str, Value]) -> Value:
        """Return the output of the body, with arguments by position and by name.

        Raises:
            TemplateError: the macro does not take these arguments.
            RenderLimitExceeded: calls are nested too deeply.
        """
        scope = Scope(self.scope)
        return captured(run, self.body, scope, self.signature.frames, lambda: self._bind(run, scope, arguments, names))

    def _bind(self, run: Run, scope: Scope, arguments: list[Value], names: dict[str, Value]) -> None:
        _, parameters, defaults, specials, _ = self.signature
        names = dict(names)
        scope.update((name, Undefined(name)) for name in parameters)  # a default may read other parameters
        scope.update(zip(parameters, arguments, strict=False))
        given = {name for name in parameters[len(arguments) :] if name in names}
        scope.update((name, names.pop(name)) for name in given)
        without = len(parameters) - len(defaults)
        for number, name in list(enumerate(parameters))[max(len(arguments), without) :]:
            if name not in given:
                scope[name] = defaults[number - without](run)
        if "caller" in specials and "caller" not in parameters:
            scope["caller"] = names.pop("caller", Undefined("caller"))
        if "kwargs" in specials:
            scope["kwargs"] = charge_new(names, run.budget)
        elif names:
            raise TemplateError(f"macro {self.signature.name!r} takes no keyword argument {next(iter(names))!r}")
        rest = arguments[len(parameters) :]
        if "varargs" in specials:
            scope["varargs"] = charge_new(tuple(rest), run.budget)
        elif rest:
            raise TemplateError(f"macro {self.signature.name!r} takes not more than {len(parameters)} argument(s)")


def captured(
    run: Run, body: Statement, scope: Scope, frames: int = 0, prepare: Callable[[], None] | None = None
) -> str:
    """Run a body in a scope of its own, and return its output as one text.

    Args:
        run: the rendering.
        body: writes the output.
        scope: the body's scope.
        frames: stack frames of a called body, 0 for a body that runs where it is written.
        prepare: called inside of the scope, before the body.

    Raises:
        RenderLimitExceeded: calls are nested too deeply.
    """
    budget = run.budget
    budget.enter(frames)
    outer_scope, outer_out = run.scope, run.out
    run.scope, run.out = scope, []
    try:
        if prepare:
            prepare()
        body(run)
    finally:
        run.scope = outer_scope
        budget.frames -= frames
    return run.captured(outer_out)


class Loop(Kind):
    """``loop``: the state of a loop.

    Args:
        items: the items of the loop.
        depth0: the depth of a recursive loop, 0 for the outermost.
        again: runs the loop over other items, one level deeper; None for a loop that is not recursive.
    """

    __slots__ = ("again", "depth0", "index0", "items", "last_changed")
    called = "loop"

    def __init__(self, items: Any, depth0: int, again: Callable[[Run, Value, int], str] | None) -> None:
        self.items = items
        self.depth0 = depth0
        self.again = again
        self.index0 = 0
        self.last_changed: Value = None

    def call(self, run: Run, arguments: list[Value], names: dict[str, Value]) -> Value:
        """Return the loop's output for other items.

        Args:
            run: the rendering.
            arguments: the value whose items are taken, and no others.
            names: none.

        Raises:
            TemplateError: the loop is not recursive, or takes other arguments.
        """
        if self.again is None:
            raise TemplateError("only a loop that is marked recursive can be called")
        if len(arguments) != 1 or names:
            raise TemplateError("loop(…) wants what it shall walk through")
        return self.again(run, arguments[0], self.depth0 + 1)

    def cycle(self, *values: Value) -> Value:
        """Return the value for the current item.

        Raises:
            TemplateError: there are no values.
        """
        if not values:
            raise TemplateError("loop.cycle wants one value at least")
        return values[self.index0 % len(values)]

    def changed(self, budget: Budget, *values: Value) -> bool:
        """Return whether the values differ from those of the previous call."""
        is_first = self.last_changed is None
        if not is_first and operators.equal(self.last_changed, values, budget):
            return False
        self.last_changed = charge_new(values, budget)
        return True

    attributes: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {
            "changed": lambda self: Method(
                "loop.changed", lambda budget, owner, *values: owner.changed(budget, *values), self
            ),
            "cycle": lambda self: Method("loop.cycle", lambda _budget, owner, *values: owner.cycle(*values), self),
            "depth": lambda self: self.depth0 + 1,
            "depth0": lambda self: self.depth0,
            "first": lambda self: self.index0 == 0,
            "index": lambda self: self.index0 + 1,
            "index0": lambda self: self.index0,
            "last": lambda self: self.index0 == len(self.items) - 1,
            "length": lambda self: len(self.items),
            "nextitem": lambda self: (
                self.items[self.index0 + 1] if self.index0 + 1 < len(self.items) else Undefined("loop.nextitem")
            ),
            "previtem": lambda self: self.items[self.index0 - 1] if self.index0 else Undefined("loop.previtem"),
            "revindex": lambda self: len(self.items) - self.index0,
            "revindex0": lambda self: len(self.items) - self.index0 - 1,
        }
    )


class Blocks(Kind):
    """``self``: the template's blocks.

    Args:
        blocks: the functions that return the output of a block, by its name.
    """

    __slots__ = ("blocks",)
    called = "self"

    def __init__(self, blocks: Mapping[str, Callable[[Run], str]]) -> None:
        self.blocks = blocks

    def block(self, name: str) -> Block | Undefined:
        """Return a block that can be called."""
        return Block(self.blocks[name]) if name in self.blocks else Undefined(f"self.{name}")


class Block(Kind):
    """``self.name``: a block that can be called.

    Args:
        render: returns the block's output.
    """

    __slots__ = ("render",)
    called = "a block"

    def __init__(self, render: Callable[[Run], str]) -> None:
        self.render = render

    def call(self, run: Run, arguments: list[Value], names: dict[str, Value]) -> Value:
        """Return the block's output.

        Raises:
            TemplateError: the call has arguments.
        """
        if arguments or names:
            raise TemplateError("a block takes no arguments")
        return self.render(run)
