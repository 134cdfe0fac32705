"""States that a handler names before they exist: they are made when the handler is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from permabots.engine.definitions import state_key
from permabots.models import State

LONGEST = State._meta.get_field("name").max_length or 0
BOTH = "Choose a state or name a new one, not both."


def _checked(name: str) -> str:
    """Return the name of a state.

    Raises:
        ValidationError: it is too long.
    """
    if len(name) > LONGEST:
        raise ValidationError(f"The name of a state has at most {LONGEST} characters ({name[:20]}… has {len(name)}).")
    return name


class StateNameField(forms.CharField):
    """The name of a state, "" for none."""

    def clean(self, value: Any) -> str:
        return _checked(super().clean(value))


class StateNamesField(forms.CharField):
    """Names of states with commas between them."""

    def clean(self, value: Any) -> list[str]:
        return [_checked(name) for part in super().clean(value).split(",") if (name := part.strip())]


def missing(bot: Any, names: list[str]) -> list[str]:
    """Return those of the names that a bot has no state of."""
    existing = set(State.objects.filter(bot=bot).values_list("key", flat=True))
    return [name for name in names if state_key(name) not in existing]
