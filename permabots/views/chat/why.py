"""What the staff of a site sees in its web chats: why the bot answered as it did, and why it did not.

It is asked with ``?why=1`` by a browser that has a session, of somebody who may see these messages in the admin:
the admin itself is asked. Nobody else is told anything, and nothing is looked up for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from permabots.models import Bot, InboundMessage, OutboundMessage, WebBot, WebMessage
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json
from permabots.views.chat import silence

_CHANGE = "permabots_{}_change"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may see the messages of a web chat in the admin.

    Args:
        request: their call.
        site: the admin.
        row: the web chat.
    """

    request: HttpRequest
    site: Any
    row: WebBot

    def explain(self, visit: Visit, messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
        """Return messages of a conversation; those of the bot have ``why``: ``{url, words}``.

        Args:
            visit: whose conversation.
            messages: as `permabots.pipeline.web_chat.reading` returns them.
        """
        numbers = [it["number"] for it in messages if it["author"] == WebMessage.Author.BOT]
        rows = WebMessage.objects.filter(visitor=visit.visitor, number__in=numbers).values_list("number", "key")
        calls = {number: int(key) for number, key in rows if key.isdigit()}
        sent = OutboundMessage.objects.filter(pk__in=calls.values(), conversation__bot=self.row.bot)
        found = {row.pk: row for row in sent.select_related("inbound", "notification__hook")}
        told = {number: self._why(found[pk]) for number, pk in calls.items() if pk in found}
        return [{**it, "why": told[it["number"]]} if it["number"] in told else it for it in messages]

    def silence(self, visit: Visit) -> dict[str, str] | None:
        """Return why the newest message of a conversation has no answer; None where it has one, or may still get it.

        Returns:
            ``{words, url, action}``: what is wrong, and what can be done: the words of a link and its address, both ""
            for none.
        """
        here = InboundMessage.objects.filter(
            bot=self.row.bot, provider=WebBot.SLUG, conversation__chat_id=visit.chat_id
        )
        row = here.order_by("-pk").first()
        if row is None:
            return None
        found = silence.reason(row)
        if found is None:
            return None
        url, action = "", ""
        if found.pattern and self._may("handler", "add"):
            url, action = f"{self._url('permabots_handler_add')}?{found.query()}", "Make a handler for it"
        elif found.has_page:
            url, action = self._page("inboundmessage", row.pk), "See the message"
        return {"words": found.words, "url": url, "action": action}

    def account_page(self) -> str:
        """Return the address of the chat's page in the admin, "" where they may not see it."""
        return self._page("webbot", self.row.pk) if self._may("webbot", "view") else ""

    def _why(self, call: OutboundMessage) -> dict[str, str]:
        if call.inbound is None:
            return {"url": self._page("notification", call.notification_id), "words": "Why? It was posted to a hook."}
        handler = (call.inbound.trace or {}).get("handler") or {}
        words = f"Why? The handler “{handler['name']}” answered." if "name" in handler else "Why?"
        return {"url": self._page("inboundmessage", call.inbound_id), "words": words}

    def _may(self, table: str, do: str) -> bool:
        page = self.site.get_model_admin(apps.get_model("permabots", table))
        return bool(getattr(page, f"has_{do}_permission")(self.request))

    def _page(self, table: str, pk: Any) -> str:
        return self._url(_CHANGE.format(table), pk)

    def _url(self, name: str, *arguments: Any) -> str:
        return reverse(f"admin:{name}", args=arguments, current_app=self.site.name)


def staff_of(request: HttpRequest, row: WebBot) -> Staff | None:
    """Return who calls, where they may see this chat's messages in the admin; None for anybody else.

    Args:
        request: the call.
        row: the web chat.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not apps.is_installed("django.contrib.admin"):
        return None
    site: Any = import_string("django.contrib.admin.site")
    if getattr(request, "user", None) is None or not site.is_registered(InboundMessage):
        return None
    page = site.get_model_admin(InboundMessage)
    if not (site.has_permission(request) and page.has_view_permission(request)):
        return None
    if not site.get_model_admin(Bot).get_queryset(request).filter(pk=row.bot.pk).exists():
        return None
    try:
        reverse("admin:index", current_app=site.name)
    except NoReverseMatch:
        return None
    return Staff(request, site, row)


def page_context(
    request: HttpRequest, row: WebBot, visit: Visit | None, messages: list[dict[str, Json]]
) -> dict[str, Any]:
    """Return what the template of the page gets for the staff.

    Args:
        request: the call.
        row: the web chat.
        visit: whose conversation; None for none yet.
        messages: those that are shown.

    Returns:
        ``messages``, with ``why`` where the staff may know it; and for the staff ``staff``: ``silence`` (see
        `Staff.silence`), ``share`` (see `WebBot.share`) and ``account``, the chat's page in the admin. None for others.
    """
    staff = staff_of(request, row)
    if staff is None:
        return {"messages": messages, "staff": None}
    told = {"share": row.share(), "account": staff.account_page(), "silence": None}
    if visit is None:
        return {"messages": messages, "staff": told}
    return {"messages": staff.explain(visit, messages), "staff": {**told, "silence": staff.silence(visit)}}
