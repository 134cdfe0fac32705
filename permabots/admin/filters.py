"""Filters of lists. They offer the user's own rows, and cost the same whatever the size of the table."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from permabots.models import Bot
from permabots.models.registry import providers

MOST_BOTS = 200
"""Bots a filter offers; more are found by the search of the bots' own list."""


def own_bots(page: ModelAdmin, request: HttpRequest) -> QuerySet[Bot]:
    """Return the bots that a user may choose from, by name."""
    bots: Any = page.admin_site.get_model_admin(Bot)
    rows: QuerySet[Bot] = bots.visible_to(request).order_by("name", "created_at")
    return rows


class _Filter(SimpleListFilter):
    """Rows whose column has the chosen value, which must be one of those on offer."""

    column = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None:
            return queryset
        offered = {str(value) for value, _ in self.lookup_choices}
        return queryset.filter(**{self.column: chosen}) if chosen in offered else queryset.none()


class ProviderFilter(_Filter):
    """By messenger."""

    title = "messenger"
    parameter_name = "provider"
    column = "provider"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        return [(slug, provider.name) for slug, provider in providers().items()]


class BotFilter(_Filter):
    """By bot, one of the user's own."""

    title = "bot"
    parameter_name = "bot"
    column = "bot"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        return [(str(pk), name) for pk, name in own_bots(model_admin, request).values_list("pk", "name")[:MOST_BOTS]]


class ConversationBotFilter(BotFilter):
    """By the bot of a row's conversation."""

    column = "conversation__bot"


class ConversationProviderFilter(ProviderFilter):
    """By the messenger of a row's conversation."""

    column = "conversation__provider"
