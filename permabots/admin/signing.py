"""The page on which an author has a bot's requests signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache

from permabots.admin.playground.pages import BotPages
from permabots.models import SigningSecret
from permabots.pipeline.authoring import signing

_STEPS = {
    "rotate": (signing.rotate, "A new signing secret was made."),
    "retire": (signing.retire, "The signing secret before was dropped."),
    "stop": (signing.stop, "Requests are signed no more."),
}


class SigningPages(BotPages):
    """The page of a bot's signing secret. The secret stands on the answer that made it, and on no other."""

    def get_urls(self) -> list[Any]:
        view = never_cache(self.admin_site.admin_view(self.signing))
        return [path("<uuid:object_id>/signing/", view, name="permabots_bot_signing"), *super().get_urls()]

    def signing(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show whether requests are signed; by POST, make a secret, drop the one before, or sign no more."""
        bot, new = self.own_bot(request, object_id, change=True), ""
        row = SigningSecret.objects.filter(bot=bot).first()
        step = request.POST.get("step", "")
        if request.method == "POST" and step in _STEPS and (row is not None or step == "rotate"):
            do, words = _STEPS[step]
            done: Any = do(bot)
            self.log_change(request, bot, words)
            new = done.current_secret if step == "rotate" else ""
            row = SigningSecret.objects.filter(bot=bot).first()
        return self.page(request, "signing.html", bot, f"Signed requests of {bot}", row=row, new=new)
