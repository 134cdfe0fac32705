"""What a template defines and calls: macros, recursive loops, blocks, and the loop itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.run import Run, Scope
from permabots.engine.templates.json_values import built
from permabots.engine.templates.tables import operators
from permabots.engine.templates.value_kinds import Kind, Method, Undefined, Value
from permabots.exceptions import TemplateError

Expression = Callable[[Run], Value]
Statement = Callable[[Run], None]

FRAMES_OF_A_CALL = 5
"""Frames of Python that a call takes beside those of the nodes of what is called."""


class Signature(NamedTuple):
    """How a macro is called.

    Attributes:
        name: its name.
        parameters: the names of its parameters.
        defaults: what the last of these get where nothing is given.
        specials: which of ``varargs``, ``kwargs`` and ``caller`` its body reads.
        frames: frames that its body nests.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: tuple[Expression, ...]
    specials: frozenset[str]
    frames: int


class Macro(Kind):
    """A macro.

    Args:
        signature: how it is called.
        body: what it puts out.
        scope: the names around it.
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
        """Return what the body puts out.

        Raises:
            TemplateError: it is called with other arguments than it has.
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
            scope["kwargs"] = built(names, run.budget)
        elif names:
            raise TemplateError(f"macro {self.signature.name!r} takes no keyword argument {next(iter(names))!r}")
        rest = arguments[len(parameters) :]
        if "varargs" in specials:
            scope["varargs"] = built(tuple(rest), run.budget)
        elif rest:
            raise TemplateError(f"macro {self.signature.name!r} takes not more than {len(parameters)} argument(s)")


def captured(
    run: Run, body: Statement, scope: Scope, frames: int = 0, prepare: Callable[[], None] | None = None
) -> str:
    """Run a body in a scope of its own, and return what it puts out as one text.

    Args:
        run: the rendering.
        body: what is run.
        scope: its names.
        frames: frames that it nests, where it is called: 0 where it stands in place.
        prepare: called in the scope, before.

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
    """``loop``: where a loop is.

    Args:
        items: what it walks through.
        depth0: how many loops of a recursive one are around it.
        again: runs the loop over other items, one level deeper; None where it is not recursive.
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
        """Return what the loop puts out for other items.

        Raises:
            TemplateError: it is no recursive loop.
        """
        if self.again is None:
            raise TemplateError("only a loop that is marked recursive can be called")
        if len(arguments) != 1 or names:
            raise TemplateError("loop(…) wants what it shall walk through")
        return self.again(run, arguments[0], self.depth0 + 1)

    def cycle(self, *values: Value) -> Value:
        """Return the value whose turn it is."""
        if not values:
            raise TemplateError("loop.cycle wants one value at least")
        return values[self.index0 % len(values)]

    def changed(self, budget: Budget, *values: Value) -> bool:
        """Return whether the values are others than in the pass before."""
        is_first = self.last_changed is None
        if not is_first and operators.equal(self.last_changed, values, budget):
            return False
        self.last_changed = built(values, budget)
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
        blocks: gives what a block puts out, by its name.
    """

    __slots__ = ("blocks",)
    called = "self"

    def __init__(self, blocks: Mapping[str, Callable[[Run], str]]) -> None:
        self.blocks = blocks

    def block(self, name: str) -> Block | Undefined:
        """Return a block, to be called."""
        return Block(self.blocks[name]) if name in self.blocks else Undefined(f"self.{name}")


class Block(Kind):
    """``self.name``, to be called.

    Args:
        render: gives what it puts out.
    """

    __slots__ = ("render",)
    called = "a block"

    def __init__(self, render: Callable[[Run], str]) -> None:
        self.render = render

    def call(self, run: Run, arguments: list[Value], names: dict[str, Value]) -> Value:
        """Return what it puts out."""
        if arguments or names:
            raise TemplateError("a block takes no arguments")
        return self.render(run)
