"""Retries of many rows: the messages of a bot, the calls of a notification."""

from __future__ import annotations

from typing import Any

from django.utils.decorators import method_decorator
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.database import non_atomic_requests
from permabots.exceptions import NothingToRetry
from permabots.models import InboundMessage
from permabots.pipeline.operating.retry import retry_all, retry_delivery
from permabots.serializers.observing import DeliverySerializer, RetriedSerializer
from permabots.serializers.observing_queries import Filters, RetryQuery
from permabots.tasks import wake_retried
from permabots.views.access.scopes import SENDING
from permabots.views.api.traffic.deliveries import DeliveryView, attach_calls
from permabots.views.api.traffic.pages import parse_query, refuse_body
from permabots.views.base import BotView


# Each batch is a transaction of its own: a host project that wraps requests in one does not wrap these.
@method_decorator(non_atomic_requests, name="dispatch")
class RetryAllView(BotView):
    """Retries of all failed messages of a bot."""

    scopes = SENDING
    query_class = RetryQuery
    serializer_class = RetriedSerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Put messages, and failed calls of answers, back and wake workers; the answer says how many.

        The filters of the list choose some: ``chat``, ``user``, ``provider``, ``status``, ``since`` and ``until``.
        """
        bot = self.owned_bot()
        refuse_body(request, "Filters stand in the address: there is no body.")
        conditions = parse_query(self.query_class, request).conditions()
        done = retry_all(bot, InboundMessage.objects.filter(bot=bot, **conditions))
        wake_retried(done)
        return Response(self.serializer_class(done).data)


@method_decorator(non_atomic_requests, name="dispatch")
class DeliveryRetryView(DeliveryView):
    """Retries of the failed calls of one notification."""

    scopes = SENDING
    serializer_class = DeliverySerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Put the failed calls, or the notification itself, back and wake workers; 409 when nothing failed."""
        row: Any = self.delivery()
        parse_query(Filters, request)
        refuse_body(request)
        try:
            done = retry_delivery(self.owned_bot(), row)
        except NothingToRetry as reason:
            return Response({"detail": str(reason)}, status=status.HTTP_409_CONFLICT)
        row.refresh_from_db()
        wake_retried(done)
        attach_calls([row])
        return Response(self.serializer_class(row).data)
