"""Notification hooks and their recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from permabots.models import Hook, Recipient
from permabots.pipeline.authoring import configuration, hook_keys, template_warnings
from permabots.serializers.hook import (
    HookChangeSerializer,
    HookSerializer,
    KeyRotationSerializer,
    recipient_serializer,
)
from permabots.views.api.base import RowViewSet, doubled_name

SHOWN = 1000
"""Recipients that a hook by itself shows, the oldest; all are in the list of its recipients. A hook may have so many
that showing them would hold a thread for seconds."""
SHOWN_IN_LIST = 100
"""Recipients that each hook of a list shows: a bot may have hundreds of hooks."""


class HookViewSet(RowViewSet):
    """Addresses to which the author's own system posts.

    A hook shows its oldest recipients, on all messengers together: 1,000, and 100 in a list of hooks.
    """

    serializer_class = HookSerializer
    change_serializer_class = HookChangeSerializer

    def get_serializer_class(self) -> Any:
        return KeyRotationSerializer if self.action == "rotate" else super().get_serializer_class()

    def get_queryset(self) -> QuerySet[Hook]:
        hooks: QuerySet[Hook] = Hook.objects.filter(bot=self.bot)
        shown = Recipient.objects.all()[: SHOWN_IN_LIST if self.action == "list" else SHOWN]  # of each hook
        number = Recipient.objects.filter(hook=OuterRef("pk")).order_by().values("hook").annotate(number=Count("pk"))
        return (
            hooks.select_related("response")
            .prefetch_related(Prefetch("recipients", shown, to_attr="shown_recipients"))
            .annotate(recipients_count=Coalesce(Subquery(number.values("number")), 0))
        )

    def warnings(self, values: Any, row: Any = None) -> Sequence[str]:
        return doubled_name(Hook.objects.filter(bot=self.bot), values, row)

    def warnings_of(self, row: Hook) -> Sequence[str]:
        return template_warnings.of_hook(row)

    def perform_create(self, values: Any) -> Hook:
        return configuration.create_hook(self.bot, values)

    def perform_update(self, row: Hook, values: Any) -> None:
        configuration.change_hook(row, values)

    def rotate(self, request: Request, **_: Any) -> Response:
        """Give a hook a new ``key``; posts with the one that it had are taken for ``grace_seconds``."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        hook_keys.rotate(self.get_object(), serializer.validated_data["grace_seconds"])
        return self.answer(self.shown(self.get_object()))


class RecipientViewSet(RowViewSet):
    """The recipients of a hook on one provider.

    Attributes:
        slug: the provider.
    """

    slug = ""

    def read_serializer(self) -> type[Serializer]:
        return recipient_serializer(self.slug)

    def hook(self) -> Hook:
        """Return the hook that the URL names."""
        return get_object_or_404(Hook, bot=self.bot, pk=self.kwargs.get("hook_id", self.kwargs.get("id")))

    def get_queryset(self) -> QuerySet[Recipient]:
        return Recipient.objects.filter(hook=self.hook(), provider=self.slug)

    def new_row(self) -> Recipient:
        return Recipient(hook=self.hook(), provider=self.slug)
