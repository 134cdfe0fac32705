"""What each operation takes and answers, as the schema has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import Serializer

from permabots.models.registry import model_of
from permabots.serializers.integration import StatusSerializer, integration_serializer
from permabots.serializers.observing import (
    DeliveredSerializer,
    DeliverySerializer,
    MessageSerializer,
    RetriedSerializer,
)
from permabots.serializers.observing_queries import DeliveredQuery, Filters, MessageQuery, PageQuery, RetryQuery
from permabots.serializers.observing_simulation import QuestionSerializer, SimulationSerializer
from permabots.serializers.tests import TestRunQuery, TestRunSerializer
from permabots.views.api.base import RowViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.tests import TestRunView
from permabots.views.api.traffic.deliveries import DeliveredView, DeliveryListView
from permabots.views.api.traffic.messages import MessageListView, MessageView, RetryView
from permabots.views.api.traffic.retry import DeliveryRetryView, RetryAllView
from permabots.views.api.traffic.simulation import SimulationView

Form = type[Serializer]
ANSWERS: Mapping[type[Any], Form] = {
    MessageListView: MessageSerializer,
    MessageView: MessageSerializer,
    RetryView: MessageSerializer,
    RetryAllView: RetriedSerializer,
    DeliveryRetryView: DeliverySerializer,
    DeliveryListView: DeliverySerializer,
    DeliveredView: DeliveredSerializer,
    SimulationView: SimulationSerializer,
    TestRunView: TestRunSerializer,
}
QUERIES: Mapping[type[Any], type[Filters]] = {
    MessageListView: MessageQuery,
    RetryAllView: RetryQuery,
    DeliveryListView: PageQuery,
    DeliveredView: DeliveredQuery,
    TestRunView: TestRunQuery,
}


BODYLESS = (RetryView, RetryAllView, DeliveryRetryView, TestRunView)
"""What is started by a POST that takes no body."""


def action_of(view: Any, method: str) -> str:
    """Return what an operation does: the action of a view set, and the like for a plain view."""
    if hasattr(view, "action"):
        return str(view.action)
    if method == "POST":
        return "all" if isinstance(view, RetryAllView) else "create"
    return "list" if type(view) in QUERIES else "retrieve"


def taken_by(view: Any, method: str) -> Form | None:
    """Return the serializer of an operation's body, None where it takes none."""
    if method not in {"POST", "PUT", "PATCH"} or isinstance(view, BODYLESS):
        return None
    form: Form = QuestionSerializer if isinstance(view, SimulationView) else view.get_serializer_class()
    return form


def answered_by(view: Any, action: str) -> Form:
    """Return the serializer of one row as an operation answers it."""
    if isinstance(view, IntegrationViewSet):
        return StatusSerializer if action == "status" else integration_serializer(model_of(view.slug))
    form: Form = view.read_serializer() if isinstance(view, RowViewSet) else ANSWERS[type(view)]
    return form


def array(item: Any) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def link() -> dict[str, Any]:
    """Return the schema of the address of another page."""
    return {"type": "string", "format": "uri", "nullable": True}


def slices(item: Any) -> dict[str, Any]:
    """Return the schema of a plain list, and of a part of it in its envelope."""
    parts = {"count": {"type": "integer"}, "next": link(), "previous": link(), "results": array(item)}
    return {"oneOf": [array(item), {"type": "object", "properties": parts, "required": list(parts)}]}


def page(item: Any) -> dict[str, Any]:
    """Return the schema of a page of traffic."""
    parts = {"results": array(item), "next": link()}
    return {"type": "object", "properties": parts, "required": list(parts)}
