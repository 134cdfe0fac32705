"""The pages on which an author takes back changes of a bot, and edits it as a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache

from permabots.admin.playground.pages import BotPages
from permabots.models import Bot, BotVersion
from permabots.pipeline.authoring import configuration, documents, versions
from permabots.pipeline.authoring.documents import Change

SHOWN = 50
"""Versions on the page."""
CHANGED_SINCE = "Somebody has changed the bot since you opened this page. Look at what would be changed now."


class HistoryPages(BotPages):
    """A bot's versions, and the bot as a document. Both show what would be changed before they change it."""

    def get_urls(self) -> list[Any]:
        pages = [
            path(
                f"<uuid:object_id>/{name}/", never_cache(self.admin_site.admin_view(view)), name=f"permabots_bot_{name}"
            )
            for name, view in (("versions", self.versions), ("document", self.document))
        ]
        return [*pages, *super().get_urls()]

    def versions(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the versions; by POST, what restoring one would change, and then restore it."""
        bot = self.own_bot(request, object_id, change=request.method == "POST")
        number, changes = request.POST.get("number", ""), None
        if request.method == "POST" and number.isdecimal():
            changes = self._carry_out(
                request, bot, lambda dry_run: versions.restore(bot, int(number), dry_run=dry_run), "versions"
            )
            if isinstance(changes, HttpResponse):
                return changes
        rows = BotVersion.objects.filter(bot=bot).order_by("-number").defer("document")[:SHOWN]
        listed = [(row, list(documents.in_words(versions.changes_of(row)))) for row in rows]
        return self.page(
            request,
            "versions.html",
            bot,
            f"Versions of {bot}",
            versions=listed,
            number=number,
            plan=_lines(changes),
            seen=_seal(bot),
        )

    def document(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the bot as a document; by POST, what another one would change, and then make the bot that."""
        bot = self.own_bot(request, object_id, change=request.method == "POST")
        text = request.POST.get("document", "").replace("\r\n", "\n")
        form = "json" if (text or request.GET.get("format") == "json") and text.lstrip().startswith("{") else "yaml"
        changes: list[Change] | HttpResponse | None = None
        if request.method == "POST":
            changes = self._carry_out(
                request,
                bot,
                lambda dry_run: (documents.plan if dry_run else documents.apply)(bot, documents.loads(text)),
                "document",
            )
            if isinstance(changes, HttpResponse):
                return changes
        return self.page(
            request,
            "document.html",
            bot,
            f"{bot} as a document",
            document=text or documents.dumps(documents.export(bot), form),
            plan=_lines(changes),
            seen=_seal(bot),
        )

    def _carry_out(
        self, request: HttpRequest, bot: Bot, do: Callable[[bool], list[Change]], page: str
    ) -> list[Change] | HttpResponse | None:
        """Return what would be changed; where that was seen and is wanted, change it and lead back to the page."""
        wanted = "apply" in request.POST
        try:
            with configuration.editing(bot):
                is_seen = request.POST.get("seen") == _seal(bot)
                changes = do(not (wanted and is_seen))
        except (ValidationError, LookupError) as error:
            for words in error.messages if isinstance(error, ValidationError) else [str(error.args[0])]:
                messages.error(request, words)
            return None
        if not wanted:
            return changes
        if not is_seen:
            messages.warning(request, CHANGED_SINCE)
            return changes
        self.log_change(request, bot, "\n".join(documents.in_words(changes))[:1000] or "Nothing was changed.")
        messages.success(request, f"{len(changes)} change{'' if len(changes) == 1 else 's'} made.")
        return HttpResponseRedirect(self.bot_url(page, bot))


def _lines(changes: Any) -> list[str] | None:
    return None if changes is None else list(documents.in_words(changes))


def _seal(bot: Bot) -> str:
    """Return what tells one state of a bot from another, without saying anything of it."""
    text = documents.dumps(documents.export(Bot.objects.get(pk=bot.pk), recipients=True))
    return salted_hmac("permabots.document", text).hexdigest()
