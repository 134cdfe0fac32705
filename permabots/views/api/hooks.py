"""Notification hooks and their recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
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


class HookViewSet(RowViewSet):
    """Addresses to which the author's own system posts."""

    serializer_class = HookSerializer
    change_serializer_class = HookChangeSerializer

    def get_serializer_class(self) -> Any:
        return KeyRotationSerializer if self.action == "rotate" else super().get_serializer_class()

    def get_queryset(self) -> QuerySet[Hook]:
        hooks: QuerySet[Hook] = Hook.objects.filter(bot=self.bot)
        return hooks.select_related("response").prefetch_related("recipients")

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
