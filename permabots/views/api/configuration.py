"""States and environment variables."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from permabots.models import EnvironmentVar, State
from permabots.pipeline.authoring import template_warnings
from permabots.serializers.configuration import EnvironmentVarSerializer, StateSerializer
from permabots.views.api.base import RowViewSet


class EnvironmentVarViewSet(RowViewSet):
    """The variables that templates call ``env``."""

    serializer_class = EnvironmentVarSerializer

    def get_queryset(self) -> QuerySet[EnvironmentVar]:
        return EnvironmentVar.objects.filter(bot=self.bot)

    def warnings_of(self, row: EnvironmentVar) -> Sequence[str]:
        return template_warnings.of_key(row.key)

    def new_row(self) -> EnvironmentVar:
        return EnvironmentVar(bot=self.bot)


class StateViewSet(RowViewSet):
    """The states that chats can be in. A handler that had only a deleted one is disabled, and says so."""

    serializer_class = StateSerializer

    def get_queryset(self) -> QuerySet[State]:
        return State.objects.filter(bot=self.bot)

    def new_row(self) -> State:
        return State(bot=self.bot)
