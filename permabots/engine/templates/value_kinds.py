"""The closed set of kinds of values beside JSON's: each has the attributes of its table, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from permabots.engine.templates.budget import BYTES_PER_STEP

Value = Any
"""None, bool, int, float, str, list, tuple, dict with text keys, a moment, or one of the kinds of this module."""


class Kind:
    """A value that is no JSON. It shows as nothing of Python."""

    __slots__ = ()
    called: ClassVar[str] = "this"
    """What error messages call it."""
    attributes: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType({})
    """Its attributes: a function of the value for each."""

    def __repr__(self) -> str:
        return f"<{self.called}>"

    __str__ = __repr__


class Undefined(Kind):
    """What a name, a key or an attribute gives that is not there: nothing, and so is all that is in it.

    Args:
        name: as its author would write it, dotted; "" where it has none, as the result of an ``if`` without ``else``.
    """

    __slots__ = ("name",)
    called = "an undefined value"

    def __init__(self, name: str = "") -> None:
        self.name = name

    def within(self, key: object) -> Undefined:
        """Return what is missing inside of it."""
        return Undefined(f"{self.name}.{key}") if self.name and len(self.name) < BYTES_PER_STEP else self

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(Undefined)


class Guess:
    """What a template is tried with when it is saved, where what it reads is not there yet.

    Args:
        present: whether what is unknown is taken to be there, and a list of it to hold one item.

    Attributes:
        decided: whether a condition asked for something unknown.
        looped: whether a loop walked through something unknown.
        stood_bare: whether something unknown was written outside of quotes.
    """

    __slots__ = ("decided", "looped", "present", "stood_bare")

    def __init__(self, present: bool) -> None:
        self.present = present
        self.decided = self.looped = self.stood_bare = False


class Unknown(Undefined):
    """What is not there yet: when a template is saved, nobody has answered. It may be anything.

    Args:
        guess: what it is taken for.
    """

    __slots__ = ("guess",)
    called = "a value that is not there yet"

    def __init__(self, guess: Guess) -> None:
        super().__init__()
        self.guess = guess

    def within(self, key: object) -> Unknown:
        return self

    def __bool__(self) -> bool:
        self.guess.decided = True
        return self.guess.present

    def items(self) -> list[Unknown]:
        """Return what a loop walks through."""
        self.guess.looped = True
        return [self] if self.guess.present else []

    def written_bare(self) -> int:
        """Return what it is taken for outside of quotes: a label."""
        self.guess.stood_bare = True
        return 0

    __eq__ = Undefined.__eq__
    __hash__ = Undefined.__hash__


class Namespace(Kind):
    """``namespace()``: names that a loop's body may set.

    Args:
        values: its names.
    """

    __slots__ = ("values",)
    called = "namespace"

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values


class Method(Kind):
    """A function of a table, bound to the value whose method it is.

    Args:
        name: as its author wrote it.
        function: called with the run, the owner and the arguments.
        owner: the value.
    """

    __slots__ = ("function", "name", "owner")
    called = "a method"

    def __init__(self, name: str, function: Any, owner: Value) -> None:
        self.name = name
        self.function = function
        self.owner = owner
