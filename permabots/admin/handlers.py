"""Handlers: each with its request, parameters, answer and states on one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from permabots.admin import consequences
from permabots.admin.base import BotChildAdmin
from permabots.admin.filters import MOST_BOTS, BotFilter, own_bots
from permabots.admin.formatting import as_json, block
from permabots.admin.handler_form import REQUEST, RESPONSE, HandlerForm
from permabots.admin.parameters import HeaderParameterInline, UrlParameterInline
from permabots.admin.state_names import missing
from permabots.engine.patterns import check_pattern
from permabots.exceptions import PatternError
from permabots.models import Handler
from permabots.pipeline.authoring import configuration, template_warnings

PARAMETERS = ("url_parameters", "header_parameters")
"""The pipeline's names of the two formsets, in their order on the page."""


@admin.register(Handler)
class HandlerAdmin(BotChildAdmin):
    """Handlers."""

    form = HandlerForm
    inlines = [UrlParameterInline, HeaderParameterInline]
    list_display = ["name", "bot", "pattern", "priority", "enabled", "target_state", "disabled_reason"]
    list_filter = ["enabled", BotFilter]
    search_fields = ["name", "pattern", "bot__name", "response__text_template"]
    readonly_fields = ["disabled_reason", "how_it_runs"]
    actions = ["enable_handlers", "disable_handlers"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("bot", "request", "response", "target_state")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        why = ["disabled_reason"] if obj is not None and obj.disabled_reason else []
        runs = ["how_it_runs"] if obj is not None else []
        may = self.has_change_permission(request, obj) if obj is not None else True
        new_sources, new_target = (["new_source_states"], ["new_target_state"]) if may else ([], [])
        when = ["bot", "name", "enabled", *why, "pattern", *runs, "priority", "source_states", *new_sources]
        return [
            ("When it answers", {"fields": when}),
            ("What it answers", {"fields": [*RESPONSE, "target_state", *new_target]}),
            ("What it asks of your API first", {"fields": [*REQUEST]}),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show an empty form once the bot is known: the form offers the states of that bot."""
        if request.method == "GET" and "bot" not in request.GET and self.has_add_permission(request):
            context = {
                "title": "For which bot?",
                "bots": own_bots(self, request)[:MOST_BOTS],
            }
            return self.page_of_site(request, "choose_bot.html", context)
        return super().add_view(request, form_url, extra_context)

    def parts(self, obj: Any) -> dict[str, str]:
        request = obj.request
        if request is None:
            return {"URL parameters": "", "Headers": ""}
        rows = {"URL parameters": request.url_parameters, "Headers": request.header_parameters}
        return {name: _listed(these.all()) for name, these in rows.items()}

    # Saving: everything at once, by the function that the REST API uses

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Do nothing: `save_related` writes the handler with all of its parts."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        handler: Handler = form.instance
        values = form.values()
        parameters = dict(zip(PARAMETERS, (formset.values() for formset in formsets), strict=True))
        if values["request"] is not None:
            values["request"] |= parameters
        elif any(parameters.values()) and handler.request_id is None:
            raise ValidationError({"url_template": "Parameters and headers need a URL that they are sent to."})
        with configuration.editing(handler.bot):
            made = missing(handler.bot, [*values["source_states"], *filter(None, [values["target_state"]])])
            if change:
                _remove_parameters(handler, formsets)
                row = configuration.change_handler(handler, values)
            else:
                row = configuration.create_handler(handler.bot, values)
        vars(handler).update(vars(row))
        self._tell(request, handler, list(dict.fromkeys(made)))

    def _tell(self, request: HttpRequest, handler: Handler, made: list[str]) -> None:
        if made:
            messages.info(request, f"{handler}: made the states {', '.join(made)}.")
        report = check_pattern(handler.pattern)
        if report.kind != "linear":
            messages.warning(request, f"{handler}: {report.explanation}")
        for said in template_warnings.of_handler(handler):
            messages.warning(request, f"{handler}: {said}")

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_handlers(rows)

    # Display

    @admin.display(description="how the pattern runs")
    def how_it_runs(self, row: Handler) -> str:
        try:
            return check_pattern(row.pattern).explanation
        except PatternError as error:
            return str(error)

    @admin.display(description="text")
    def text_template(self, row: Handler) -> str:
        return block(row.response.text_template)

    @admin.display(description="keyboard")
    def keyboard_template(self, row: Handler) -> str:
        return block(row.response.keyboard_template)

    @admin.display(description="URL")
    def url_template(self, row: Handler) -> str:
        return block(row.request.url_template if row.request else "")

    @admin.display(description="method")
    def method(self, row: Handler) -> str:
        return row.request.method if row.request else ""

    @admin.display(description="data")
    def data(self, row: Handler) -> str:
        return block(as_json(row.request.data)) if row.request and row.request.data is not None else ""

    # Actions

    @admin.action(description="Enable", permissions=["change"])
    def enable_handlers(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._switch(request, rows, True)

    @admin.action(description="Disable", permissions=["change"])
    def disable_handlers(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._switch(request, rows, False)

    def _switch(self, request: HttpRequest, rows: QuerySet[Any], enabled: bool) -> None:
        for row in rows:
            try:
                configuration.change_handler(row, {"enabled": enabled})
            except ValidationError as error:
                messages.error(request, f"{row}: {' '.join(error.messages)}")
            else:
                messages.success(request, f"{row}: {'enabled' if enabled else 'disabled'}.")


def _listed(parameters: Iterable[Any]) -> str:
    return "; ".join(sorted(f"{row.key} = {row.value_template}" for row in parameters))


def _remove_parameters(handler: Handler, formsets: Any) -> None:
    """Delete the parameters that the page no longer has: the pipeline only changes and adds, by key."""
    for formset in formsets:
        wanted = [value["key"] for value in formset.values()]
        formset.model.objects.filter(request=handler.request_id).exclude(key__in=wanted).delete()
