"""What was done to bots, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from permabots.admin.base import OwnedAdmin, ReadOnlyAdmin
from permabots.admin.filters import BotFilter
from permabots.admin.formatting import short
from permabots.models import Bot, BotEvent


@admin.register(BotEvent)
class BotEventAdmin(ReadOnlyAdmin, OwnedAdmin):
    """Events: who did what to which bot, and from where. Those of a deleted bot are shown to superusers."""

    ordering = ["-pk"]
    fields = [
        *("at", "bot_name", "action", "kind", "name", "object_id", "fields_shown", "values_shown"),
        *("source", "user", "credential"),
    ]
    readonly_fields = ["bot_name", "fields_shown", "values_shown"]
    list_display = ["pk", "at", "bot_name", "action", "kind", "name", "fields_shown", "source", "user"]
    list_filter = ["source", "action", BotFilter]
    search_fields = ["name", "kind", "user", "object_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        names = Bot.objects.filter(pk=OuterRef("bot_id")).values("name")[:1]
        return super().get_queryset(request).annotate(name_of_bot=Subquery(names))

    @admin.display(description="bot")
    def bot_name(self, row: Any) -> str:
        return row.name_of_bot or f"deleted ({row.bot_id})"

    @admin.display(description="columns")
    def fields_shown(self, row: BotEvent) -> str:
        return short(", ".join(row.fields))

    @admin.display(description="values")
    def values_shown(self, row: BotEvent) -> str:
        return short(", ".join(f"{name} = {value}" for name, value in row.values.items()))
