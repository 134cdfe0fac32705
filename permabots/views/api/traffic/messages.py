"""Views of a bot's messages, and the URLs of all views of traffic."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.pipeline.operating.retry import retry
from permabots.serializers.observing import MessageSerializer
from permabots.serializers.observing_queries import Filters, MessageQuery
from permabots.tasks import wake
from permabots.views.access.scopes import READING, SENDING
from permabots.views.api.traffic.deliveries import DeliveredView, DeliveryListView
from permabots.views.api.traffic.pages import page, parse_query, refuse_body
from permabots.views.api.traffic.retry import DeliveryRetryView, RetryAllView
from permabots.views.api.traffic.simulation import SimulationView
from permabots.views.base import BotView


def messages_of(bot: Bot) -> QuerySet[InboundMessage]:
    """Return a bot's incoming messages with all that the API shows of them, in two queries; raw events are left out."""
    rows = InboundMessage.objects.filter(bot=bot).select_related("conversation")
    calls = OutboundMessage.objects.order_by("part")
    return rows.defer("raw", "sender").prefetch_related(Prefetch("outbound", calls))


class MessageListView(BotView):
    """The incoming messages of a bot, newest first."""

    scopes = READING
    query_class = MessageQuery
    serializer_class = MessageSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of messages, each with its trace and the calls of its answer.

        Filters: ``chat``, ``user``, ``provider``, ``status``, ``since`` and ``until`` (ISO 8601).
        """
        query = parse_query(self.query_class, request)
        return page(request, messages_of(self.owned_bot()), query).shown_by(self.serializer_class)


class OneMessageView(BotView):
    """A view under ``bots/<uuid:bot_id>/messages/<int:message_id>/``."""

    serializer_class = MessageSerializer

    def message(self, bot: Bot) -> InboundMessage:
        """Return the message that the URL names.

        Raises:
            Http404: the bot has none of this id.
        """
        return get_object_or_404(messages_of(bot), pk=self.kwargs["message_id"])


class MessageView(OneMessageView):
    """One incoming message."""

    scopes = READING

    def get(self, request: Request, **_: Any) -> Response:
        """Return the message with its trace and the calls of its answer."""
        return Response(self.serializer_class(self.message(self.owned_bot())).data)


class RetryView(OneMessageView):
    """Retries of one incoming message."""

    scopes = SENDING

    def post(self, request: Request, **_: Any) -> Response:
        """Put the message, or the failed calls of its answer, back and wake a worker; 409 when nothing failed."""
        bot = self.owned_bot()
        message = self.message(bot)
        parse_query(Filters, request)
        refuse_body(request)
        try:
            retry(bot, message)
        except NothingToRetry as reason:
            return Response({"detail": str(reason)}, status=status.HTTP_409_CONFLICT)
        wake(message.conversation_id, message.provider)
        return Response(self.serializer_class(self.message(bot)).data)


urlpatterns: list[URLPattern] = [
    path("bots/<uuid:bot_id>/messages/", MessageListView.as_view(), name="message-list"),
    path("bots/<uuid:bot_id>/messages/retry/", RetryAllView.as_view(), name="messages-retry"),
    path("bots/<uuid:bot_id>/messages/<int:message_id>/", MessageView.as_view(), name="message-detail"),
    path("bots/<uuid:bot_id>/messages/<int:message_id>/retry/", RetryView.as_view(), name="message-retry"),
    path("bots/<uuid:bot_id>/hooks/<uuid:hook_id>/deliveries/", DeliveryListView.as_view(), name="delivery-list"),
    path(
        "bots/<uuid:bot_id>/hooks/<uuid:hook_id>/deliveries/<int:delivery_id>/outbound/",
        DeliveredView.as_view(),
        name="delivery-outbound-list",
    ),
    path(
        "bots/<uuid:bot_id>/hooks/<uuid:hook_id>/deliveries/<int:delivery_id>/retry/",
        DeliveryRetryView.as_view(),
        name="delivery-retry",
    ),
    path("bots/<uuid:bot_id>/simulate/", SimulationView.as_view(), name="simulate"),
]
