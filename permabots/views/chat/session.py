"""The session of a device: begun by a signed identity, ended by whoever wants to be forgotten."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from permabots.exceptions import WebChatRefused
from permabots.models import WebVisitor
from permabots.page_headers import protect_data
from permabots.views.chat import entering
from permabots.views.chat.base import SESSION_ENDED, ChatView
from permabots.views.chat.reading import json_body


class SessionView(ChatView):
    """The session of a device."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Begin a session for a person whom a site has signed; 204 where they have no conversation yet."""
        values = json_body(request)
        person = entering.signed_identity(self.chat.row, values.get("identity"))
        if person is None:
            raise WebChatRefused(entering.UNSIGNED, status=401)
        known = WebVisitor.objects.filter(web_bot=self.chat.row, chat_id=f"i:{person.id}")
        if not known.exists():
            return protect_data(HttpResponse(status=204))
        _, token = entering.enter(request, self.chat, values)
        return protect_data(JsonResponse({"token": token}, status=201))

    def delete(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Forget the person: their messages, their conversation, what the bot kept of it."""
        if (visit := self.visit(request)) is None:
            raise WebChatRefused(SESSION_ENDED, status=401)
        WebVisitor.objects.filter(pk=visit.visitor).delete()
        return protect_data(HttpResponse(status=204))
