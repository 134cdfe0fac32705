"""The session of a device: begun by a signed identity, ended by whoever wants to be forgotten."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from permabots.exceptions import WebChatRefused
from permabots.pipeline.web_chat import forgetting
from permabots.views.chat import entering
from permabots.views.chat.base import SESSION_ENDED, ChatView
from permabots.views.chat.cookies import drop_cookie
from permabots.views.chat.reading import json_body


class SessionView(ChatView):
    """The session of a device."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Begin a session for a person whom a site has signed; 204 where they have no conversation yet."""
        values = json_body(request)
        token = entering.sign_in(self.chat, values)
        return JsonResponse({"token": token}, status=201) if token else HttpResponse(status=204)

    def delete(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Forget the person: their messages, their conversation, what the bot kept of it."""
        if (visit := self.visit(request)) is None:
            raise WebChatRefused(SESSION_ENDED, status=401)
        forgetting.forget(self.chat.row, visit.visitor)
        answer = HttpResponse(status=204)
        drop_cookie(request, answer, slug)
        return answer
