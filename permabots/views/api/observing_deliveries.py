"""What became of the notifications of a hook, for each of its recipients."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, Prefetch, QuerySet, Value, When
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import Hook, Notification, OutboundMessage
from permabots.serializers.observing import DeliveredSerializer, DeliverySerializer
from permabots.serializers.observing_queries import DeliveredQuery, PageQuery
from permabots.views.api.observing_pages import asked, page
from permabots.views.base import BotView

FIRST = 100
"""Calls that a notification shows; a hook may have ten thousand recipients."""

Status = OutboundMessage.Status


class HookView(BotView):
    """A view under ``bots/<uuid:bot_id>/hooks/<uuid:hook_id>/``."""

    def owned_hook(self) -> Hook:
        """Return the hook that the URL names.

        Raises:
            NotFound: there is none, or it is another bot's or somebody else's.
        """
        hook = Hook.objects.filter(pk=self.kwargs["hook_id"], bot=self.owned_bot()).first()
        if hook is None:
            raise NotFound
        return hook


class DeliveryListView(HookView):
    """The notifications of a hook, newest first."""

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of notifications, each with how many calls are in which status, and the first of them."""
        rows = Notification.objects.filter(hook=self.owned_hook()).prefetch_related(
            Prefetch("outbound", _failed_first()[:FIRST], to_attr="first_outbound")
        )
        found = page(request, rows, asked(PageQuery, request))
        _count(found.rows)
        return found.shown_by(DeliverySerializer)


class DeliveredView(HookView):
    """The calls of one notification, newest first."""

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of calls to providers. Filter: ``status``."""
        owned = Notification.objects.filter(pk=self.kwargs["delivery_id"], hook=self.owned_hook()).first()
        if owned is None:
            raise NotFound
        rows = _calls().filter(notification=owned)
        return page(request, rows, asked(DeliveredQuery, request)).shown_by(DeliveredSerializer)


def _calls() -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.select_related("recipient", "conversation")


def _failed_first() -> QuerySet[OutboundMessage]:
    failed = Case(When(status__in=(Status.PARKED, Status.SKIPPED), then=Value(0)), default=Value(1))
    return _calls().order_by(failed, "pk")


def _count(notifications: list[Any]) -> None:
    """Tell each notification how many of its calls are in which status, in one query."""
    by_status = OutboundMessage.objects.filter(notification__in=notifications).order_by("status")
    found = by_status.values_list("notification", "status").annotate(Count("pk"))
    counts: dict[int, dict[str, int]] = {row.pk: {} for row in notifications}
    for notification, status, number in found:
        counts[notification][status] = number
    for row in notifications:
        row.counts = counts[row.pk]
