"""The messages of one conversation: what a person says comes in, what they have not seen goes out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from permabots import answering_here
from permabots.exceptions import WebChatRefused
from permabots.page_headers import protect_data
from permabots.pipeline.web_chat import limits, reading, sessions
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json
from permabots.views.chat import entering, why
from permabots.views.chat.base import SESSION_ENDED, ChatView, bearer
from permabots.views.chat.reading import json_body, number, said


class MessagesView(ChatView):
    """The messages of one conversation. `chat.js` calls it; a page without it is a form of `PageView`."""

    def at_once(self, request: HttpRequest, slug: str) -> HttpResponse | None:
        """Answer a poll that finds nothing new, as most do: 204. It asks the database once."""
        token, asked = bearer(request), request.GET
        if request.method != "GET" or not token or asked.keys() != {"after"}:
            return None
        key = sessions.has_nothing_after(slug, token, number(asked["after"]) or 0)
        if key is None:
            return None
        limits.POLLS.count(key)
        return protect_data(HttpResponse(status=204))

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Answer the messages after ``?after=``, or before ``?before=``; 204 where there is none.

        ``?waiting=1`` asks whether something is unfinished; ``?why=1``, by the site's staff, why there is an answer or
        none.
        """
        visit = self.visit(request)
        if visit is None:
            raise WebChatRefused(SESSION_ENDED, status=401)
        limits.POLLS.count(visit.key)
        after, before = number(request.GET.get("after")), number(request.GET.get("before"))
        waits = "waiting" in request.GET
        pending = waits and reading.is_pending(self.chat.row.bot.pk, visit.chat_id)
        if pending:
            answering_here.watch()
        staff = why.staff_of(request, self.chat.row) if "why" in request.GET else None
        if before is None and after == visit.last and not waits and staff is None:
            return protect_data(HttpResponse(status=204))
        found = reading.before(visit.visitor, before) if after is None else reading.after(visit.visitor, after)
        if not (found or pending or staff) and before is None and after is not None:
            return protect_data(HttpResponse(status=204))
        told: dict[str, Json] = {"messages": found, "pending": pending}
        if staff is not None:
            told |= {"messages": staff.explain(visit, found), "silence": staff.silence(visit)}
        return protect_data(JsonResponse(told))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Store a message: 202 with its number, and with a token for whoever says something for the first time."""
        values = json_body(request)
        visit = self.visit(request)
        message = said(values)
        token = ""
        if visit is None:
            if message.press is not None:
                raise WebChatRefused(SESSION_ENDED, status=401)
            visit, token = entering.enter(request, self.chat, values)
        entering.check_consent(self.chat, visit, values)
        stored = entering.say(self.chat, visit, message)
        return protect_data(JsonResponse(_answer(stored, token, visit), status=202))


def _answer(stored: int, token: str, visit: Visit) -> dict[str, Json]:
    answer: dict[str, Json] = {"number": stored}
    return {**answer, "token": token, "identified": visit.is_identified} if token else answer
