"""The notifications of a hook, and the call for each recipient."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import Hook, Notification, OutboundMessage
from permabots.pipeline.operating.retry import FAILED_STATUSES
from permabots.serializers.observing import DeliveredSerializer, DeliverySerializer
from permabots.serializers.observing_queries import DeliveredQuery, PageQuery
from permabots.views.access.scopes import READING
from permabots.views.api.traffic.pages import page, parse_query
from permabots.views.base import BotView

FIRST = 100
"""Calls that a notification shows; a hook may have ten thousand recipients."""


class HookView(BotView):
    """A view under ``bots/<uuid:bot_id>/hooks/<uuid:hook_id>/``."""

    def owned_hook(self) -> Hook:
        """Return the hook that the URL names.

        Raises:
            Http404: there is none, or it is another bot's or somebody else's.
        """
        return get_object_or_404(Hook, pk=self.kwargs["hook_id"], bot=self.owned_bot())


class DeliveryView(HookView):
    """A view under ``bots/<uuid:bot_id>/hooks/<uuid:hook_id>/deliveries/<int:delivery_id>/``."""

    def delivery(self) -> Notification:
        """Return the notification that the URL names.

        Raises:
            Http404: the hook has none of this id.
        """
        notification: Notification = get_object_or_404(
            Notification, pk=self.kwargs["delivery_id"], hook=self.owned_hook()
        )
        return notification


class DeliveryListView(HookView):
    """The notifications of a hook, newest first."""

    scopes = READING
    query_class = PageQuery
    serializer_class = DeliverySerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of notifications, each with how many calls are in which status, and the first of them."""
        rows = Notification.objects.filter(hook=self.owned_hook())
        notifications = page(request, rows, parse_query(self.query_class, request))
        attach_calls(notifications.rows)
        return notifications.shown_by(self.serializer_class)


class DeliveredView(DeliveryView):
    """The calls of one notification, newest first."""

    scopes = READING
    query_class = DeliveredQuery
    serializer_class = DeliveredSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of calls to providers. Filter: ``status``."""
        rows = _calls().filter(notification=self.delivery())
        return page(request, rows, parse_query(self.query_class, request)).shown_by(self.serializer_class)


def _calls() -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.select_related("recipient", "conversation")


def attach_calls(notifications: list[Any]) -> None:
    """Give each notification the attributes that `DeliverySerializer` shows of its calls, in two queries."""
    _count(notifications)
    _find_first_calls(notifications)


def _count(notifications: list[Any]) -> None:
    """Give each notification the numbers of its calls by status, in one query."""
    by_status = OutboundMessage.objects.filter(notification__in=notifications).order_by("status")
    numbers = by_status.values_list("notification", "status").annotate(Count("pk"))
    counts: dict[int, dict[str, int]] = {row.pk: {} for row in notifications}
    for notification, status, number in numbers:
        counts[notification][status] = number
    for row in notifications:
        row.counts = counts[row.pk]


def _find_first_calls(notifications: list[Any]) -> None:
    """Give each notification its first calls, those that failed before all others, in one query.

    They are ranked by their ids alone, and fetched whole only then: ten thousand calls have to be ranked to show some.
    """
    failed = Case(When(status__in=FAILED_STATUSES, then=Value(0)), default=Value(1))
    place = Window(RowNumber(), partition_by=F("notification"), order_by=[failed, "pk"])
    ranked = OutboundMessage.objects.filter(notification__in=notifications).annotate(place=place)
    first: dict[int | None, list[OutboundMessage]] = {row.pk: [] for row in notifications}
    for call in _calls().filter(pk__in=ranked.filter(place__lte=FIRST).values("pk")).order_by(failed, "pk"):
        first[call.notification_id].append(call)
    for row in notifications:
        row.first_outbound = first[row.pk]
