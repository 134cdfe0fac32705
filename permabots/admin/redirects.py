"""Saving and deleting redirect to the page of the bot, where its author goes on."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

_BOT = "_permabots_bot"


class LeadsToBot(ModelAdmin):
    """A page of rows that belong to a bot. Django's own redirect leads to the list of the rows of all bots."""

    def bot_of(self, row: Any) -> Any:
        """Return the bot that a row belongs to; None where it belongs to none."""
        return getattr(row, "bot", None)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.to_bot(request, self.bot_of(obj)) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.to_bot(request, self.bot_of(obj)) or super().response_post_save_change(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.leave_for(request, obj)
        super().delete_model(request, obj)

    def leave_for(self, request: HttpRequest, obj: Any) -> None:
        """Remember the bot of a row that is about to be deleted."""
        setattr(request, _BOT, self.bot_of(obj))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        answer = super().response_delete(request, obj_display, obj_id)
        is_popup = not isinstance(answer, HttpResponseRedirect)
        return answer if is_popup else self.to_bot(request, getattr(request, _BOT, None)) or answer

    def to_bot(self, request: HttpRequest, bot: Any) -> HttpResponseRedirect | None:
        """Return a redirect to a bot's page; None where the user may not see it."""
        if bot is None or not self.admin_site.get_model_admin(type(bot)).has_view_permission(request, bot):
            return None
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:permabots_bot_change", args=[bot.pk]))
