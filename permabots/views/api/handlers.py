"""Handlers, their parameters and their source states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from permabots.engine.definitions import state_key
from permabots.models import Bot, Handler, HeaderParam, State, UrlParam
from permabots.nearest_names import NearestNames
from permabots.pipeline.authoring import configuration, template_warnings
from permabots.serializers.configuration import HeaderParamSerializer, StateByNameSerializer, UrlParamSerializer
from permabots.serializers.handler import HandlerChangeSerializer, HandlerSerializer, WholeHandlerSerializer
from permabots.views.api.base import NO_FIELD, RowViewSet, doubled_name

SOURCE_STATE = {"get": "retrieve", "delete": "destroy"}
"""Actions on one source state: a link cannot be changed, only removed."""


def new_states(bot: Bot, names: Sequence[str]) -> list[str]:
    """Return a warning for each state that a bot does not have yet: a typing error would make a new state."""
    names_by_key = {state.key: state.name for state in bot.states.all()} if names else {}
    nearest_names = NearestNames(names_by_key)
    warnings = []
    for name in dict.fromkeys(names):
        if (key := state_key(name)) not in names_by_key:
            nearest = nearest_names.of(key)
            warnings.append(
                f"The state {name!r} is new."
                + (f" The nearest of the bot's is {names_by_key[nearest]!r}." if nearest else "")
            )
    return warnings


class HandlerViewSet(RowViewSet):
    """How a bot reacts, in the order in which handlers are tried."""

    change_serializer_class = HandlerChangeSerializer

    def read_serializer(self) -> type[Serializer]:
        return HandlerSerializer if self.action == "list" else WholeHandlerSerializer

    def get_queryset(self) -> QuerySet[Handler]:
        handlers: QuerySet[Handler] = Handler.objects.filter(bot=self.bot).select_related(
            "request", "response", "target_state"
        )
        return handlers.prefetch_related("source_states", "request__url_parameters", "request__header_parameters")

    def warnings(self, values: Any, row: Any = None) -> Sequence[str]:
        target, sources = values.get("target_state"), values.get("source_states") or ()
        doubled = doubled_name(Handler.objects.filter(bot=self.bot), values, row)
        return [*doubled, *new_states(self.bot, [name for name in (target, *sources) if name])]

    def warnings_of(self, row: Handler) -> Sequence[str]:
        return template_warnings.of_handler(row)

    def perform_create(self, values: Any) -> Handler:
        return configuration.create_handler(self.bot, values)

    def perform_update(self, row: Handler, values: Any) -> None:
        configuration.change_handler(row, values)


class OfHandlerViewSet(RowViewSet):
    """Rows of one handler of the bot."""

    def handler(self) -> Handler:
        """Return the handler that the URL names."""
        pk = self.kwargs.get("handler_id", self.kwargs.get("id"))
        handler: Handler = get_object_or_404(Handler.objects.select_related("request"), bot=self.bot, pk=pk)
        return handler


class ParameterViewSet(OfHandlerViewSet):
    """The parameters of a handler's request."""

    model: type[UrlParam | HeaderParam]

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.filter(request__handler=self.handler())

    def warnings_of(self, row: UrlParam | HeaderParam) -> Sequence[str]:
        return template_warnings.of_handler(self.handler())

    def new_row(self) -> UrlParam | HeaderParam:
        request = self.handler().request
        if request is None:
            raise ValidationError({NO_FIELD: ["This handler makes no request: give it one first."]})
        return self.model(request=request)


class UrlParamViewSet(ParameterViewSet):
    """The query parameters of a handler's request."""

    model = UrlParam
    serializer_class = UrlParamSerializer


class HeaderParamViewSet(ParameterViewSet):
    """The headers of a handler's request."""

    model = HeaderParam
    serializer_class = HeaderParamSerializer


class SourceStateViewSet(OfHandlerViewSet):
    """The states that a handler answers in; with none it answers everywhere."""

    serializer_class = StateByNameSerializer

    def get_queryset(self) -> QuerySet[State]:
        return State.objects.filter(source_handlers=self.handler())

    def warnings(self, values: Any, row: Any = None) -> Sequence[str]:
        return new_states(self.bot, [values])

    def perform_create(self, name: str) -> State:
        """Link a state, made where the bot has none of that name."""
        state = configuration.state(self.bot, name)
        self.handler().source_states.add(state)
        return state

    def perform_destroy(self, row: State) -> None:
        """Remove the link; the state stays."""
        self.handler().source_states.remove(row)
