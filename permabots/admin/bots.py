"""Bots: one page for each, with all of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from permabots.admin import bot_page, consequences
from permabots.admin.actions import ACCOUNT_ACTIONS, AccountActions
from permabots.admin.base import NonAtomicAdmin
from permabots.admin.diagram.pages import DiagramPages
from permabots.admin.duplication import duplicate
from permabots.admin.formatting import number_of, short
from permabots.admin.health_filters import TroubleFilter, failures, troubles
from permabots.admin.history import HistoryPages
from permabots.admin.playground.pages import PlaygroundPages
from permabots.admin.retry_actions import retry_messages
from permabots.admin.signing import SigningPages
from permabots.models import Bot, Conversation, Handler, InboundMessage, IntegrationBot
from permabots.models.registry import providers
from permabots.pipeline.authoring.bots import save_bot


@admin.register(Bot)
class BotAdmin(DiagramPages, HistoryPages, PlaygroundPages, SigningPages, AccountActions, NonAtomicAdmin):
    """Bots."""

    owner = "owner"
    fields = ["name", "owner", "fallback_text", "separate_topics"]
    raw_id_fields = ["owner"]
    list_display = ["name", "owner", "accounts", "trouble", "handler_count", "conversation_count", "created_at"]
    list_filter = [TroubleFilter]
    search_fields = ["name"]
    ordering = ["name", "created_at"]
    actions = [*ACCOUNT_ACTIONS, "duplicate_bots", "retry_failed"]
    change_form_template = "admin/permabots/bot_change_form.html"
    cascade_counts = ("handlers", "hooks", "states", "env_vars", "conversation_tests", "conversations")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        paths = [path for slug in providers() for path in (f"{slug}_bot", f"{slug}_bot__user_api")]
        return (
            super()
            .get_queryset(request)
            .select_related("owner", *paths)
            .annotate(
                number_handlers=number_of(Handler, "bot"),
                number_conversations=number_of(Conversation, "bot"),
                **failures(),
            )
        )

    # The owner of a bot: only superusers may choose it; other users make bots of their own.

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        user: Any = request.user
        return [name for name in self.fields if name != "owner" or user.is_superuser]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.owner_id is None:
            obj.owner = request.user
        if change and "owner" not in form.changed_data:
            super().save_model(request, obj, form, change)
        else:
            save_bot(obj)

    def bot_of(self, row: Bot) -> Bot:
        return row

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the bot. Django then redirects to the list of bots, since the bot has no page any more."""
        obj.delete()

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_bots(rows)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for bot in queryset:
            bot.delete()

    # The page

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if (bot := context.get("original")) is not None:
            context.update(bot_page.parts(bot, self.admin_site.name), may=self._may(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def _may(self, request: HttpRequest) -> dict[str, bool]:
        """Return name of each table -> whether the user may add rows to it."""
        ours, site = apps.get_app_config(Bot._meta.app_label).get_models(), self.admin_site
        accounts = (model for model in apps.get_models() if issubclass(model, IntegrationBot))
        return {
            model._meta.model_name or "": site.get_model_admin(model).has_add_permission(request)
            for model in {*ours, *accounts}
            if site.is_registered(model)
        }

    # Columns

    @admin.display(description="connected to")
    def accounts(self, row: Bot) -> str:
        return ", ".join(it.provider for it in bot_page.accounts(row) if it.row is not None) or "nothing"

    @admin.display(description="trouble")
    def trouble(self, row: Any) -> str:
        return short("; ".join(troubles(row)))

    @admin.display(description="handlers", ordering="number_handlers")
    def handler_count(self, row: Any) -> int:
        return int(row.number_handlers)

    @admin.display(description="conversations", ordering="number_conversations")
    def conversation_count(self, row: Any) -> int:
        return int(row.number_conversations)

    # Actions

    def accounts_of(self, rows: QuerySet[Any]) -> list[IntegrationBot]:
        return [account for bot in rows for account in bot.integrations()]

    @admin.action(description="Duplicate, without accounts", permissions=["add"])
    def duplicate_bots(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        for bot in rows:
            try:
                made = duplicate(bot)
            except ValidationError as error:
                messages.error(request, f"{bot}: {' '.join(error.messages)}")
            else:
                self.log_addition(request, made, f"Duplicated from {bot}.")
                messages.success(request, f"{bot}: duplicated as {made}.")

    @admin.action(description="Retry failed messages", permissions=["change"])
    def retry_failed(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        retry_messages(request, InboundMessage.objects.filter(bot__in=rows.order_by().values("pk")))
