"""Bots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import Bot
from permabots.pipeline.authoring.bots import save_bot
from permabots.serializers.bot import BotSerializer
from permabots.serializers.integration import tables
from permabots.views.access.scopes import bots_of_caller, names_bots
from permabots.views.api.base import RowViewSet, doubled_name


class BotViewSet(RowViewSet):
    """The caller's bots."""

    is_about_a_bot = True  # its URLs call the bot ``id``
    serializer_class = BotSerializer

    def find_bot(self) -> None:
        """Do nothing: the rows are the bots themselves."""

    def get_queryset(self) -> QuerySet[Bot]:
        accounts = [path for name in tables() for path in (name, f"{name}__user_api")]
        return bots_of_caller(self.request).select_related(*accounts)

    def create(self, request: Request, **_: Any) -> Response:
        """Make a bot."""
        if names_bots(request):
            raise PermissionDenied("This API token is for chosen bots: it cannot make one.")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner: Any = request.user
        warnings = self.warnings(serializer.validated_data)
        bot = save_bot(Bot(owner=owner, **serializer.validated_data))
        return self.answer(self.shown(self.get_queryset().get(pk=bot.pk)), warnings, status=201)

    def update(self, request: Request, *, partial: bool = False, **_: Any) -> Response:
        """Change a bot's name or fallback text."""
        self.bot = self.get_object()
        return super().update(request, partial=partial)

    def warnings(self, values: Any, row: Any = None) -> Sequence[str]:
        return doubled_name(bots_of_caller(self.request), values, row)

    def perform_update(self, row: Bot, values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=[*values, "updated_at"])

    def destroy(self, request: Request, **_: Any) -> Response:
        """Delete a bot and all that belongs to it. Its webhooks are removed at the providers afterwards."""
        self.unchanged().delete()
        return Response(status=204)
