"""What was done to a bot."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from permabots.models import BotEvent
from permabots.serializers.events import (
    EventExportQuery,
    EventLineSerializer,
    EventQuery,
    EventSerializer,
    event_lines,
)
from permabots.views.access.scopes import READING
from permabots.views.api.traffic.pages import page, parse_query
from permabots.views.base import BotView

EXPORTED = 5000
"""Events in one answer of the export. It is whole or an error: one that is sent while it is read would end in the
middle when the database fails, and hold its thread and a connection for as long as a slow reader likes."""


class EventListView(BotView):
    """What was done to the bot, newest first."""

    scopes = READING
    query_class = EventQuery
    serializer_class = EventSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of events."""
        rows = BotEvent.objects.filter(bot=self.owned_bot().pk)
        return page(request, rows, parse_query(self.query_class, request)).shown_by(self.serializer_class)


class EventExportView(BotView):
    """What was done to the bot, oldest first, one JSON object a line, as ``permabots_events`` writes it.

    At most 5,000 events; where more follow, the header ``Link`` has the address of the next ones as ``rel="next"``.
    """

    scopes = READING
    query_class = EventExportQuery
    serializer_class = EventLineSerializer
    media_type = "application/x-ndjson"

    def get(self, request: Request, **_: Any) -> HttpResponse:
        """Return events as lines."""
        conditions = parse_query(self.query_class, request).conditions()
        rows = BotEvent.objects.filter(bot=self.owned_bot().pk, **conditions).order_by("pk")
        found = list(rows[: EXPORTED + 1])
        lines = "".join(event_lines(found[:EXPORTED]))
        answer = HttpResponse(lines, content_type=self.media_type)
        if len(found) > EXPORTED:
            following = replace_query_param(request.build_absolute_uri(), "after", found[EXPORTED - 1].pk)
            answer["Link"] = f'<{following}>; rel="next"'
        return answer
