"""The form of an account. Secrets are written and never shown; an optional secret can be removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.html import escape

from permabots.admin.forms import PipelineErrorForm
from permabots.admin.help_texts import ENABLED_ACCOUNT, REMOVES
from permabots.admin.secrets import now_stored, readable
from permabots.engine.redaction import is_secret_name
from permabots.models import Bot, IntegrationBot
from permabots.serializers.integration import credential_columns

REPLACES = "An account that the bot has at this messenger already is replaced, and loses its webhook."
UNAUTHENTICATED = "Messages are not authenticated then: nobody can tell who sent them."
DEAF = "No message is taken then, until another one is given."
BOTH = "Type a new one or remove the one that is stored, not both."
_REMOVE = "remove_"


class IntegrationForm(PipelineErrorForm):
    """The credentials of an account, and for a new account its bot.

    Attributes:
        bots: the bots that the user may connect.
    """

    bots: QuerySet[Bot] = Bot.objects.none()
    bot = forms.ModelChoiceField(Bot.objects.none(), help_text=REPLACES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        secret = [name for name in credential_columns(type(self.instance)) if is_secret_name(name)]
        self._stored = {name: readable(self.instance, name) or "" for name in secret if name in self.fields}
        self._is_new = self.instance._state.adding
        if self._is_new:
            choice: Any = self.fields["bot"]
            choice.queryset = self.bots
        else:
            del self.fields["bot"]
        for name, value in self._stored.items():
            self._hide(name, value)
        if "enabled" in self.fields:
            self.fields["enabled"].help_text = ENABLED_ACCOUNT
        for name in removable(type(self.instance)):
            self._offer_removal(name, self.fields[_REMOVE + name])

    def _hide(self, name: str, value: str) -> None:
        field = self.fields[name]
        field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"})
        if value:
            field.required = False
            field.help_text = escape(now_stored(self.instance, name))

    def _offer_removal(self, name: str, field: forms.Field) -> None:
        """Offer a tick that removes a stored secret (an empty field keeps it), and say what removing it means."""
        if not self._stored.get(name):
            field.disabled, field.help_text = True, "None is stored."
            return
        row = self.instance
        left = {**{field: readable(row, field) or "" for field in row.provider.verify_fields}, name: ""}
        field.help_text = REMOVES
        if row.provider.missing_secret(left):
            field.help_text = f"{REMOVES} {DEAF}"
        elif not row.provider.can_verify(left):
            field.help_text = f"{REMOVES} {UNAUTHENTICATED}"

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        removed = [name for name in removable(type(self.instance)) if values.get(_REMOVE + name)]
        for name in removed:
            if values.get(name):
                raise ValidationError({_REMOVE + name: BOTH})
        for name in set(values).intersection(json_columns(type(self.instance))):
            if values[name] is None:  # an empty field
                values[name] = self.instance._meta.get_field(name).get_default()
        for name, stored in self._stored.items():
            if name not in self.errors and not values.get(name):
                values[name] = "" if name in removed else stored
        return values


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


def json_columns(table: type[IntegrationBot]) -> list[str]:
    """Return the columns that hold JSON among those that people fill in."""
    columns = {field.name: field for field in table._meta.concrete_fields}
    return [name for name in credential_columns(table) if isinstance(columns[name], models.JSONField)]


def removable(table: type[IntegrationBot]) -> list[str]:
    """Return the secret columns of credentials that an account can do without."""
    columns = {field.name: field for field in table._meta.concrete_fields}
    return [name for name in credential_columns(table) if is_secret_name(name) and columns[name].blank]


def removals(table: type[IntegrationBot]) -> list[str]:
    """Return the fields by which secrets are removed."""
    return [_REMOVE + name for name in removable(table)]


def form_of(table: type[IntegrationBot]) -> type[IntegrationForm]:
    """Return the form of one table of credentials."""
    ticks = {
        _REMOVE + name: forms.BooleanField(required=False, label=f"Remove the {name.replace('_', ' ')}")
        for name in removable(table)
    }
    return type(f"{table.__name__}Form", (IntegrationForm,), ticks)
