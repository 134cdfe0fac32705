"""One rendering of one template: its names, what it has put out, and what it may still cost."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import MAPPINGS, show
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.rendered_text import Author, Rendered, Shown, Structure, Variable, rendered
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value

_PIECE_BYTES = 8


class Scope(dict[str, Value]):
    """The names that a template, a macro, a loop's pass or a block has set.

    Attributes:
        parent: the scope around it, None for the template's own.
    """

    __slots__ = ("parent",)

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent


class Run:
    """One rendering.

    Args:
        kind: the kind of template.
        context: the names that it is given.
        budget: what it may cost.

    Attributes:
        scope: the names that are set where it is now.
        out: the pieces that it has put out.
    """

    __slots__ = ("budget", "context", "kind", "out", "scope")

    def __init__(self, kind: TemplateKind, context: Mapping[str, Value], budget: Budget) -> None:
        self.kind = kind
        self.context = context
        self.budget = budget
        self.scope: Scope = Scope(None)
        self.out: list[str] = []

    def put(self, value: Value, is_literal: bool = False) -> None:
        """Put out a value that is no plain text.

        Args:
            value: any value.
            is_literal: whether only its author's own words can be meant, so that nothing is nothing, and not null.
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
                self.out.append(_shown(value, text))
        elif text:
            self.out.append(text)

    def _is_one_text(self, value: Rendered) -> bool:
        """Whether a text of several authors is a text and nothing else: ``{{ name ~ ' ' ~ surname }}`` in data."""
        structure = self.kind.structure
        return structure is not None and not any(
            isinstance(piece, Author | Structure) and structure.search(piece) for piece in value.pieces
        )

    def captured(self, outer: list[str]) -> str:
        """Return what was put out as one text, and go on with what was put out before."""
        inner, self.out = self.out, outer
        self.budget.make(_PIECE_BYTES * len(inner))
        text = rendered(inner)
        self.budget.make_text(len(text))
        return text

    def variables(self) -> Value:
        """Return the bot's environment variables, as their author's words."""
        found: Value = self.context.get("env")
        if type(found) not in MAPPINGS:
            return Undefined("env") if found is None else found
        self.budget.make(64 * len(found))
        return {key: Variable(text) if isinstance(text, str) else text for key, text in found.items()}


def _shown(value: Value, text: str) -> Shown:
    piece = Shown(text)
    piece.value = value if not isinstance(value, Undefined) or isinstance(value, Unknown) else None
    return piece
