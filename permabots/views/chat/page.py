"""The page of a web chat."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from permabots.views.chat.base import ChatView


class PageView(ChatView):
    """The page: with JavaScript it is empty at first, without it has the messages."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        return render(request, "permabots/chat/page.html", {"chat": self.chat.row})
