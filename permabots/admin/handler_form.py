"""One form for a handler, its answer and its request; checked as the REST API checks them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.fields import InvalidJSONInput

from permabots import strict_json
from permabots.admin.forms import PipelineErrorForm
from permabots.admin.state_names import BOTH, StateNameField, StateNamesField
from permabots.models import Handler, Request, Response, State
from permabots.serializers.configuration import RequestSerializer, ResponseSerializer

RESPONSE = ("text_template", "keyboard_template")
REQUEST = ("url_template", "method", "data")


def _area(rows: int) -> forms.Textarea:
    """Return a text area for what a program reads."""
    return forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField permabots-code", "spellcheck": "false"})


class Indented(json.JSONEncoder):
    """JSON as people write it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class JsonField(forms.JSONField):
    """JSON in a text area, empty where there is no value; after an error the text is shown as it was typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(encoder=Indented, widget=_area(4), **options)

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Return the value of a text.

        Raises:
            django.core.exceptions.ValidationError: it is not JSON, or JSON that cannot be stored: it is nested very
                deep, or holds a number that is too large.
        """
        if isinstance(value, str) and value.strip():
            try:
                strict_json.loads(value)
            except (RecursionError, ValueError):
                raise ValidationError(self.error_messages["invalid"], "invalid", {"value": value[:200]}) from None
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if self.disabled else InvalidJSONInput(data or "")


class TemplateField(forms.CharField):
    """A template of several lines, which a browser ends with CR and LF: a message needs LF alone."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        super().__init__(widget=_area(rows), **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class ResponseForm(PipelineErrorForm):
    """A row together with its response, on one page. The templates are checked by the API's serializer."""

    text_template = TemplateField(label="Text", help_text="Jinja2. A backslash followed by n begins a new message.")
    keyboard_template = TemplateField(
        label="Keyboard",
        required=False,
        help_text="Jinja2 for a list of rows of buttons, as [['Yes', 'No'], [('Web', 'https://…')]].",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.show(self.instance.response, RESPONSE)

    def show(self, row: Response | Request, names: tuple[str, ...]) -> None:
        """Fill the form with a row's values."""
        for name in names:
            self.initial.setdefault(name, getattr(row, name))

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        self.check(ResponseSerializer, RESPONSE)
        return values

    def check(self, serializer: Any, names: tuple[str, ...]) -> None:
        """Check the fields that are valid so far by the API's serializer."""
        if any(name in self.errors for name in names):
            return
        checked = serializer(data={name: self.cleaned_data[name] for name in names})
        if not checked.is_valid():
            for name, errors in checked.errors.items():
                for error in errors:
                    self.add_error(name, str(error))

    def response(self) -> dict[str, str]:
        """Return the valid response as the pipeline takes it."""
        return {name: self.cleaned_data[name] for name in RESPONSE}


class HandlerForm(ResponseForm):
    """A handler with its response and request. States are those of its bot."""

    source_states = forms.ModelMultipleChoiceField(
        State.objects.none(),
        required=False,
        label="Answers only in",
        widget=forms.CheckboxSelectMultiple,
        help_text="None for everywhere.",
    )
    target_state = forms.ModelChoiceField(
        State.objects.none(), required=False, label="Then goes to", empty_label="(stays where it is)"
    )
    new_source_states = StateNamesField(
        required=False,
        label="And in new states",
        help_text="Names with commas between them. States that the bot does not have are made when you save.",
    )
    new_target_state = StateNameField(
        required=False, label="Or to a new state", help_text="Its name. It is made when you save."
    )
    url_template = TemplateField(
        label="URL", rows=2, required=False, help_text="Jinja2. Leave it empty to ask nothing of your API."
    )
    method = forms.ChoiceField(choices=Request.MethodChoice, initial=Request.MethodChoice.GET)
    data = JsonField(  # type: ignore[assignment] # the metaclass takes it out
        required=False, help_text="JSON whose texts are Jinja2 templates."
    )

    class Meta:
        model = Handler
        fields = ["bot", "name", "pattern", "priority", "enabled", "source_states", "target_state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.request is not None:
            self.show(self.instance.request, REQUEST)
        states = self._states()
        for name in ("source_states", "target_state"):
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset = states

    def _states(self) -> QuerySet[State]:
        """Return the states of the handler's bot; a new handler's bot is the one chosen in the form."""
        if not self.instance._state.adding:
            return State.objects.filter(bot=self.instance.bot_id)
        choice: Any = self.fields["bot"]
        choice.queryset = choice.queryset.filter(pk=_id(self["bot"].value()))
        choice.empty_label = None
        return State.objects.filter(bot__in=choice.queryset.values("pk"))

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        if values.get("url_template"):
            self.check(RequestSerializer, REQUEST)
        if values.get("target_state") and values.get("new_target_state"):
            self.add_error("new_target_state", BOTH)
        return values

    def values(self) -> dict[str, Any]:
        """Return the valid handler as the pipeline takes it, without the request's parameters."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("name", "pattern", "priority", "enabled")},
            "source_states": [*(state.name for state in given["source_states"]), *given["new_source_states"]],
            "target_state": given["target_state"].name if given["target_state"] else given["new_target_state"] or None,
            "response": self.response(),
            "request": {name: given[name] for name in REQUEST} if given["url_template"] else None,
        }


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
