"""The form of an account. Its secrets are written and never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from permabots.admin.forms import RefusableForm
from permabots.admin.shown import masked
from permabots.engine.redaction import is_secret_name
from permabots.models import Bot

REPLACES = "An account that the bot has at this messenger already is replaced, and loses its webhook."


class IntegrationForm(RefusableForm):
    """An account's credentials; whose it is, where it is new.

    Attributes:
        bots: those that somebody may connect.
    """

    bots: QuerySet[Bot] = Bot.objects.none()
    bot = forms.ModelChoiceField(Bot.objects.none(), help_text=REPLACES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = {name: getattr(self.instance, name) for name in self.fields if is_secret_name(name)}
        self._is_new = self.instance._state.adding
        if self._is_new:
            choice: Any = self.fields["bot"]
            choice.queryset = self.bots
        else:
            del self.fields["bot"]
        for name, value in self._stored.items():
            self._hide(self.fields[name], value)

    def _hide(self, field: forms.Field, value: str) -> None:
        field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"})
        if value:
            field.required = False
            field.help_text = f"Now {masked(value)}. Leave it empty to keep it."

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        for name, stored in self._stored.items():
            if name not in self.errors and not values.get(name):
                values[name] = stored
        return values
