"""What was done to a bot."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import BotEvent
from permabots.serializers.events import EventQuery, EventSerializer
from permabots.views.access.scopes import READING
from permabots.views.api.traffic.pages import page, parse_query
from permabots.views.base import BotView


class EventListView(BotView):
    """What was done to the bot, newest first."""

    scopes = READING
    query_class = EventQuery
    serializer_class = EventSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of events."""
        rows = BotEvent.objects.filter(bot=self.owned_bot().pk)
        return page(request, rows, parse_query(self.query_class, request)).shown_by(self.serializer_class)
