"""The history of a bot: its versions, and taking changes back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as RowError
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import Bot, BotVersion
from permabots.pipeline.authoring import versions
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.serializers.document import DocumentApplyQuery, DocumentChangesSerializer, shown
from permabots.serializers.observing_queries import PageQuery
from permabots.serializers.version import VersionSerializer
from permabots.views.access.scopes import CONFIGURATION, READING
from permabots.views.api.base import NO_FIELD
from permabots.views.api.traffic.pages import page, parse_query, refuse_body
from permabots.views.base import BotView


class VersionListView(BotView):
    """What was changed in the bot, one version for each transaction, newest first."""

    scopes = READING
    query_class = PageQuery
    serializer_class = VersionSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return a page of versions."""
        rows = BotVersion.objects.filter(bot=self.owned_bot().pk).defer("document")
        return page(request, rows, parse_query(self.query_class, request)).shown_by(self.serializer_class)


class RestoreView(BotView):
    """Making the bot again what it was in a version."""

    scopes = CONFIGURATION
    query_class = DocumentApplyQuery
    serializer_class = DocumentChangesSerializer

    def post(self, request: Request, number: int, **_: Any) -> Response:
        """Restore a version, whole or not at all, and answer what was changed. With ``dry_run`` nothing is written.

        What was deleted since comes back with its ids, and hooks with their addresses. Values of secret variables,
        accounts, recipients of hooks that are still there, and what chats remember stay as they are today.
        """
        bot = self.owned_bot()
        refuse_body(request)
        query = parse_query(self.query_class, request).validated_data
        try:
            with author_slot(request.user.pk):
                changes = versions.restore(bot, number, dry_run=query["dry_run"])
        except (LookupError, Bot.DoesNotExist):
            raise NotFound from None
        except RowError as error:
            raise ValidationError({NO_FIELD: error.messages}) from error
        return Response(shown(changes))
