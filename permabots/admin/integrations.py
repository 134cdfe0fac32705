"""Accounts at providers: one page for each provider in use, made from the registry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite, display
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from permabots.admin import bot_page, consequences
from permabots.admin.actions import ACCOUNT_ACTIONS, AccountActions, bot_of
from permabots.admin.base import NonAtomicAdmin
from permabots.admin.filters import own_bots
from permabots.admin.formatting import link, page_url
from permabots.admin.integration_form import IntegrationForm, LinesField, form_of, removals
from permabots.admin.secrets import readable, shown_secret
from permabots.engine.redaction import is_secret_name
from permabots.exceptions import ConfigurationError
from permabots.models import Bot, IntegrationBot
from permabots.models.registry import model_of, providers
from permabots.models.webhook_secret import missing_secret
from permabots.pipeline.authoring import integrations
from permabots.serializers.integration import credential_columns

NO_PAGE = "none: permabots.urls_chat is not in the project's URLs"


class IntegrationAdmin(AccountActions, NonAtomicAdmin):
    """The accounts of bots at one provider."""

    form = IntegrationForm
    list_display = ["__str__", "whose", "enabled", "connection", "webhook_url", "last_error", "last_error_at", "proved"]
    list_filter = ["enabled", "status"]
    search_fields = ["bot__name", "account", "user_api__username"]
    actions = [*ACCOUNT_ACTIONS]
    known = ("whose", "account", "connection", "proved", "webhook_url", "last_error", "last_error_at", "paused_until")

    def owned_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return rows.filter(bot__owner=user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("bot", "user_api")

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        columns = credential_columns(self.model)
        if obj is None:
            return [(None, {"fields": ["bot", *columns, "enabled"]})]
        if self.has_change_permission(request, obj):
            columns += removals(self.model)
        else:
            columns = [self._shown(name) for name in columns]
        known = [*(["share"] if _shared(obj) else []), *self.known]
        return [(None, {"fields": [*columns, "enabled"]}), ("What is known", {"fields": known})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        shown = [self._shown(name) for name in credential_columns(self.model) if is_secret_name(name)]
        return (*super().get_readonly_fields(request, obj), "share", *self.known, *shown)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.bots = own_bots(self, request)
        return form

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Let a list be written as lines."""
        if isinstance(db_field, models.JSONField) and db_field.default is list:
            help_text = f"{db_field.help_text} One on each line."
            return LinesField(required=not db_field.blank, help_text=help_text, widget=AdminTextareaWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @staticmethod
    def _shown(name: str) -> str:
        """Return the field that shows a column of credentials."""
        return f"masked_{name}" if is_secret_name(name) else name

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Connect the account, or change it, by asking the provider."""
        given = {name: form.cleaned_data[name] for name in credential_columns(self.model)}
        if change:
            row = self.model._default_manager.get(pk=obj.pk)
            new = {name: value for name, value in given.items() if value != readable(row, name)}
            row = integrations.change(row, new, enabled=form.cleaned_data["enabled"])
        else:
            bot = form.cleaned_data["bot"]
            row = integrations.attach(bot, self.model.SLUG, given, enabled=form.cleaned_data["enabled"])
        vars(obj).update(vars(row))
        if missing := missing_secret(row):
            messages.warning(request, f"{missing} missing: no message is taken before it is given.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Disconnect the bot; the webhook is removed at the provider as soon as that answers."""
        self.leave_for(request, obj)
        bot = bot_of(obj)
        if bot is not None:
            integrations.detach(bot, obj.SLUG)
        else:
            integrations.request_removal(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_accounts(rows)

    def accounts_of(self, rows: QuerySet[Any]) -> list[IntegrationBot]:
        return list(rows)

    # Columns

    @display(description="bot", ordering="bot__name")
    def whose(self, row: Any) -> SafeString | str:
        bot = bot_of(row)
        return link(page_url(self.admin_site.name, Bot, "change", bot.pk), bot) if bot else "none: it is being removed"

    @display(description="share it")
    def share(self, row: IntegrationBot) -> SafeString:
        lines = ((name, text) for name, text in _shared(row).items())
        return format_html_join("", '<p>{}: <code class="permabots-copy">{}</code></p>', lines)

    @display(description="page")
    def page_address(self, row: IntegrationBot) -> SafeString | str:
        url = row.public_url()
        return link(url, url) if url else NO_PAGE

    @display(description="status")
    def connection(self, row: IntegrationBot) -> str:
        return bot_page.status_of(row)

    @display(description="messages proved genuine", boolean=True)
    def proved(self, row: IntegrationBot) -> bool:
        return bot_page.proves(row)


def _shared(row: IntegrationBot) -> dict[str, str]:
    """Return what an author hands on; nothing while no address is known, which a system check reports."""
    try:
        return row.share() if row.status == IntegrationBot.Status.CONNECTED else {}
    except ConfigurationError:
        return {}


def _masked(column: str) -> Any:
    """Return what shows a secret column of a row."""

    @display(description=column.replace("_", " "))
    def shown(page: IntegrationAdmin, row: IntegrationBot) -> str:
        return shown_secret(row, column)

    return shown


def page_of(table: type[IntegrationBot]) -> type[IntegrationAdmin]:
    """Return the page of a provider's table of credentials."""
    secrets = {f"masked_{name}": _masked(name) for name in credential_columns(table) if is_secret_name(name)}
    known = {"known": ("page_address", *IntegrationAdmin.known)} if table.HAS_PAGE else {}
    return type(f"{table.__name__}Admin", (IntegrationAdmin,), {**secrets, **known, "form": form_of(table)})


def register(site: AdminSite) -> None:
    """Give each provider in use its page, except one whose package has made a page itself.

    Where the settings name providers that cannot be used there is none: a system check says what is wrong.
    """
    try:
        tables = [model_of(slug) for slug in providers()]
    except ConfigurationError:
        return
    for table in tables:
        if not site.is_registered(table):
            site.register(table, page_of(table))
