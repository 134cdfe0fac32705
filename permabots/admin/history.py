"""The pages on which an author takes back changes of a bot, and edits it as a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache

from permabots.admin.playground.pages import BotPages
from permabots.exceptions import SecretUnreadable
from permabots.models import Bot, BotVersion, ConversationTest, EnvironmentVar, Handler, Hook, State
from permabots.pipeline.authoring import configuration, documents, versions
from permabots.pipeline.authoring.documents import Change

SHOWN = 50
"""Versions on the page."""
LONGEST_NUMBER = 10
PARTS = (State, EnvironmentVar, Handler, Hook, ConversationTest)
"""What these pages show and change: who uses them has the permissions for each."""
CHANGED_SINCE = (
    "What you have seen is not what would be changed now: somebody, or you, has changed it since. Look again."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be changed.

    Args:
        changes: the changes.
        seal: proves that the user has seen them, for this state of the bot and this choice.
    """

    changes: list[Change]
    seal: str


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
        bot = self._whole_bot(request, object_id)
        number, plan = request.POST.get("number", ""), None
        if request.method == "POST" and number.isdecimal() and len(number) < LONGEST_NUMBER:
            plan = self._carry_out(
                request, bot, number, lambda dry_run: versions.restore(bot, int(number), dry_run=dry_run), "versions"
            )
            if isinstance(plan, HttpResponse):
                return plan
        rows = BotVersion.objects.filter(bot=bot).order_by("-number").defer("document")[:SHOWN]
        listed = [(row, versions.words_of(row)) for row in rows]
        return self.page(
            request, "versions.html", bot, f"Versions of {bot}", versions=listed, number=number, **_shown(plan)
        )

    def document(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the bot as a document; by POST, what another one would change, and then make the bot that."""
        bot = self._whole_bot(request, object_id)
        text = request.POST.get("document", "").replace("\r\n", "\n")
        form = "json" if (text or request.GET.get("format") == "json") and text.lstrip().startswith("{") else "yaml"
        plan: Plan | HttpResponse | None = None
        if request.method == "POST":
            plan = self._carry_out(
                request,
                bot,
                text,
                lambda dry_run: (documents.plan if dry_run else documents.apply)(bot, documents.loads(text)),
                "document",
            )
            if isinstance(plan, HttpResponse):
                return plan
        try:
            text = text or documents.dumps(documents.export(bot), form)
        except SecretUnreadable as error:
            messages.error(request, str(error))
        return self.page(request, "document.html", bot, f"{bot} as a document", document=text, **_shown(plan))

    def _whole_bot(self, request: HttpRequest, object_id: UUID) -> Bot:
        """Return the bot of a page that shows or changes all parts of it.

        Raises:
            Http404: there is none, or it is somebody else's.
            PermissionDenied: the user lacks the permission for the bot or for one of its parts.
        """
        changes = request.method == "POST"
        bot = self.own_bot(request, object_id, change=changes)
        user: Any = request.user
        wanted = ("add", "change", "delete") if changes else ("view",)
        names = [f"permabots.{verb}_{table._meta.model_name}" for table in PARTS for verb in wanted]
        # As in the admin itself, who may change may look.
        if not all(user.has_perm(name) or user.has_perm(name.replace(".view_", ".change_")) for name in names):
            raise PermissionDenied
        return bot

    def _carry_out(
        self, request: HttpRequest, bot: Bot, chosen: str, do: Callable[[bool], list[Change]], page: str
    ) -> Plan | HttpResponse | None:
        """Return what would be changed; where that was seen and is wanted, change it and lead back to the page.

        Args:
            request: the user's request.
            bot: the bot.
            chosen: what the user has chosen: a plan is good for that alone.
            do: changes the bot, or only tells what it would change.
            page: the name of the page.
        """
        wanted = "apply" in request.POST
        try:
            with configuration.editing(bot):
                seal = _seal(bot, chosen)
                is_seen = request.POST.get("seen") == seal
                changes = do(not (wanted and is_seen))
        except (ValidationError, LookupError, SecretUnreadable) as error:
            for words in error.messages if isinstance(error, ValidationError) else [str(error.args[0])]:
                messages.error(request, words)
            return None
        if not wanted:
            return Plan(changes, seal)
        if not is_seen:
            messages.warning(request, CHANGED_SINCE)
            return Plan(changes, seal)
        self.log_change(request, bot, "\n".join(it.headline for it in changes)[:1000] or "Nothing was changed.")
        messages.success(request, f"{len(changes)} change{'' if len(changes) == 1 else 's'} made.")
        return HttpResponseRedirect(self.bot_url(page, bot))


def _shown(plan: Plan | HttpResponse | None) -> dict[str, Any]:
    """Return what a page shows of a plan."""
    if not isinstance(plan, Plan):
        return {"plan": None, "seen": ""}
    return {"plan": list(documents.in_words(plan.changes)), "seen": plan.seal}


def _seal(bot: Bot, chosen: str) -> str:
    """Return what tells one state of a bot, and what is chosen for it, from another, without saying anything of it."""
    text = documents.dumps(documents.export(Bot.objects.get(pk=bot.pk), recipients=True))
    return salted_hmac("permabots.document", f"{len(text)} {text}{chosen}").hexdigest()
