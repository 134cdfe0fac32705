"""One rendering of one template: its scopes, its output so far, and its budget."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import MAPPINGS, show
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.rendered_text import Author, Rendered, Structure, ValueText, Variable, rendered
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value

_PIECE_BYTES = 8


class Scope(dict[str, Value]):
    """The names that a template, a macro, a pass of a loop or a block has set, with their values.

    Args:
        parent: the scope around it, None for the template's own.
    """

    __slots__ = ("parent",)

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent


class Run:
    """One rendering.

    Args:
        kind: the kind of template.
        context: the names that the template can read.
        budget: what the turn may still cost.

    Attributes:
        scope: the current scope.
        out: the pieces of the output so far.
    """

    __slots__ = ("budget", "context", "kind", "out", "scope")

    def __init__(self, kind: TemplateKind, context: Mapping[str, Value], budget: Budget) -> None:
        self.kind = kind
        self.context = context
        self.budget = budget
        self.scope: Scope = Scope(None)
        self.out: list[str] = []

    def put(self, value: Value, is_literal: bool = False) -> None:
        """Write a value that is not a plain `str`.

        Args:
            value: any value.
            is_literal: whether the value can only be a text of the author: an undefined one is then written as no
                text, and not as null.
        """
        kind = type(value)
        budget = self.budget
        if kind is Rendered and self._is_one_text(value):
            value = str(value)
        elif kind is Rendered:
            budget.make(_PIECE_BYTES * len(value.pieces))
            budget.make_text(len(value))
            self.out += value.pieces
            return
        text = show(value, budget)
        budget.make_text(_PIECE_BYTES + len(text))
        if self.kind.keeps_values and not isinstance(value, str):
            if not (isinstance(value, Undefined) and is_literal and not value.name):
                self.out.append(_value_text(value, text))
        elif text:
            self.out.append(text)

    def _is_one_text(self, value: Rendered) -> bool:
        """Whether a text of several pieces is one text, without structure: ``{{ name ~ ' ' ~ surname }}`` in data."""
        structure = self.kind.structure
        return structure is not None and not any(
            isinstance(piece, Author | Structure) and structure.search(piece) for piece in value.pieces
        )

    def captured(self, outer: list[str]) -> str:
        """Return the output since `outer` was replaced as one text, and restore `outer` as the output."""
        inner, self.out = self.out, outer
        self.budget.make(_PIECE_BYTES * len(inner))
        text = rendered(inner)
        self.budget.make_text(len(text))
        return text

    def variables(self) -> Value:
        """Return the bot's variables; their texts count as the author's."""
        env: Value = self.context.get("env")
        if type(env) not in MAPPINGS:
            return Undefined("env") if env is None else env
        self.budget.make(64 * len(env))
        return {key: Variable(text) if isinstance(text, str) else text for key, text in env.items()}


def _value_text(value: Value, text: str) -> ValueText:
    piece = ValueText(text)
    piece.value = value if not isinstance(value, Undefined) or isinstance(value, Unknown) else None
    return piece
