"""States and environment variables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import escape

from permabots.admin import consequences
from permabots.admin.base import BotChildAdmin
from permabots.admin.filters import BotFilter
from permabots.admin.formatting import number_of
from permabots.admin.forms import PipelineErrorForm
from permabots.admin.secrets import now_stored, readable, shown_variable
from permabots.models import ChatState, EnvironmentVar, Handler, State
from permabots.pipeline.authoring import template_warnings


@admin.register(State)
class StateAdmin(BotChildAdmin):
    """The states of bots."""

    fields = ["bot", "name"]
    list_display = ["name", "bot", "handlers_in", "handlers_to", "chats"]
    list_filter = [BotFilter]
    list_select_related = ["bot"]
    search_fields = ["name", "bot__name"]
    cascade_counts = ("chat_states",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        links = Handler.source_states.through
        return (
            super()
            .get_queryset(request)
            .annotate(
                number_in=number_of(links, "state"),
                number_to=number_of(Handler, "target_state"),
                number_chats=number_of(ChatState, "state"),
            )
        )

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_states(rows)

    @admin.display(description="handlers only there", ordering="number_in")
    def handlers_in(self, row: Any) -> int:
        return int(row.number_in)

    @admin.display(description="handlers that lead there", ordering="number_to")
    def handlers_to(self, row: Any) -> int:
        return int(row.number_to)

    @admin.display(description="chats there now", ordering="number_chats")
    def chats(self, row: Any) -> int:
        return int(row.number_chats)


class VariableForm(PipelineErrorForm):
    """A variable. The value of a secret one is written and never shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = (readable(self.instance, "value") or "") if self.instance.secret else ""
        if self._kept and "value" in self.fields:
            field = self.fields["value"]
            field.required = False
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"})
            field.help_text = escape(now_stored(self.instance, "value"))

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        if self._kept and not values.get("value") and "value" not in self.errors:
            if not values.get("secret"):
                error = "A secret is not shown by unticking this: type its value anew, or leave it secret."
                raise ValidationError({"value": error})
            values["value"] = self._kept
        return values


@admin.register(EnvironmentVar)
class VariableAdmin(BotChildAdmin):
    """The environment variables of bots."""

    form = VariableForm
    fields = ["bot", "key", "secret", "value"]
    list_display = ["key", "bot", "secret", "shown_value"]
    list_filter = ["secret", BotFilter]
    list_select_related = ["bot"]
    search_fields = ["key", "bot__name"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show a user who may not change the variable its value as the list shows it: a secret one masked."""
        may_change = self.has_change_permission(request, obj)
        return ["bot", "key", "secret", "value" if obj is None or may_change else "shown_value"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), "shown_value")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        for said in template_warnings.of_key(obj.key):
            messages.warning(request, f"{obj}: {said}")

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_variables(rows)

    @admin.display(description="value")
    def shown_value(self, row: EnvironmentVar) -> str:
        return shown_variable(row)
