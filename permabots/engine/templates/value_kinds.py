"""The closed set of kinds of values besides JSON: each has the attributes of its table, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from permabots.engine.templates.budget import BYTES_PER_STEP

Value = Any
"""None, bool, int, float, str, list, tuple, dict with text keys, a date or time, or one of the kinds of this module."""


class Kind:
    """A value that is not JSON. Its text shows nothing of Python's internals."""

    __slots__ = ()
    called: ClassVar[str] = "this"
    """Its name in error messages."""
    attributes: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType({})
    """Its attributes: for each a function of the value."""

    def __repr__(self) -> str:
        return f"<{self.called}>"

    __str__ = __repr__


class Undefined(Kind):
    """The value of a name, a key or an attribute that does not exist; its own attributes are undefined too.

    Args:
        name: the dotted name, as an author writes it; "" where there is none, as for an ``if`` without ``else``.
    """

    __slots__ = ("name",)
    called = "an undefined value"

    def __init__(self, name: str = "") -> None:
        self.name = name

    def within(self, key: object) -> Undefined:
        """Return the undefined value of one of its attributes."""
        return Undefined(f"{self.name}.{key}") if self.name and len(self.name) < BYTES_PER_STEP else self

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(Undefined)


class Guess:
    """How the unknown values of a dry run behave, and how the template used them.

    Args:
        present: whether an unknown value counts as true, and as a list with one item.

    Attributes:
        decided: whether a condition read an unknown value.
        looped: whether a loop walked through an unknown value.
        used_unquoted: whether an unknown value was written outside of quotes.
    """

    __slots__ = ("decided", "looped", "present", "used_unquoted")

    def __init__(self, present: bool) -> None:
        self.present = present
        self.decided = self.looped = self.used_unquoted = False


class Unknown(Undefined):
    """A value that is unknown when a template is saved. It may be any value.

    Args:
        guess: how it behaves.
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
        """Return the items for a loop."""
        self.guess.looped = True
        return [self] if self.guess.present else []

    def write_unquoted(self) -> int:
        """Return the value that is written for it outside of quotes: 0, which can be a label."""
        self.guess.used_unquoted = True
        return 0

    __eq__ = Undefined.__eq__
    __hash__ = Undefined.__hash__


class Namespace(Kind):
    """``namespace()``: names that the body of a loop may set.

    Args:
        values: the values by name.
    """

    __slots__ = ("values",)
    called = "namespace"

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values


class Method(Kind):
    """A function of a table, bound to the value that has it as a method.

    Args:
        name: the dotted name, as the author wrote it.
        function: the function; it takes the budget, the owner and the arguments.
        owner: the value.
    """

    __slots__ = ("function", "name", "owner")
    called = "a method"

    def __init__(self, name: str, function: Any, owner: Value) -> None:
        self.name = name
        self.function = function
        self.owner = owner
