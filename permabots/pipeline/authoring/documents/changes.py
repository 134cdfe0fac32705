"""What is different between a bot and a document, in the words of its author."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from permabots.pipeline.authoring.documents.snapshot import PRIVATE, Item
from permabots.values import Json

HIDDEN = "(secret)"
ORDER = "order"


class Action(StrEnum):
    """What becomes of a part of a bot."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Field:
    """A field whose value is another.

    Args:
        name: the field, as ``response.text_template``.
        before: its value before, None where there was none.
        after: its value from now on, None where there is none.
    """

    name: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one part of a bot.

    Args:
        section: the list of the document that the part belongs to, or ``bot``.
        before: the part as it was, None for a new one.
        after: the part as it is from now on, None for one that is deleted.
    """

    section: str
    before: Item | None
    after: Item | None

    @property
    def action(self) -> Action:
        """What becomes of the part."""
        if self.before is None:
            return Action.CREATED
        return Action.DELETED if self.after is None else Action.CHANGED

    @property
    def name(self) -> str:
        """What the part is called."""
        item = self.after or self.before or {}
        return str(item.get("name", item.get("key", "")))

    @property
    def headline(self) -> str:
        """What becomes of which part, without any value: an author may keep what is secret in any of them."""
        kind = {"bot": "bot", "tests": "test"}.get(self.section, self.section.removesuffix("s"))
        return f'{self.action} {kind} "{self.name}"'

    def fields(self) -> list[Field]:
        """Return the fields with another value; a secret's value is `HIDDEN`."""
        before, after = dict(_flat(self.before or {})), dict(_flat(self.after or {}))
        hidden = {"value"} if (self.before or {}).get("secret") or (self.after or {}).get("secret") else set()
        return [
            Field(name, *(HIDDEN if name in hidden and it is not None else it for it in values))
            for name in {**before, **after}
            if len(set(map(repr, values := (before.get(name), after.get(name))))) > 1
        ]


def _flat(item: Item, where: str = "") -> Iterator[tuple[str, Json]]:
    """Yield the fields of an item with their values, those of the objects in it, too."""
    for name, value in item.items():
        if name in PRIVATE:
            continue
        if name in {"request", "response"} and isinstance(value, dict):
            yield from _flat(value, f"{where}{name}.")
        else:
            yield f"{where}{name}", value


def in_words(changes: list[Change]) -> Iterator[str]:
    """Yield changes line by line, for a person: what becomes of which part, and each field's old and new value."""
    for change in changes:
        yield change.headline
        if change.action is Action.CHANGED:
            for field in change.fields():
                yield f"    {field.name}: {field.before!r} -> {field.after!r}"
