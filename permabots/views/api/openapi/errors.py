"""The errors in the schema: their forms, and which operation answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse

from permabots.views.api.base import RowViewSet
from permabots.views.api.chat_states import ChatStateViewSet
from permabots.views.api.documents import DocumentViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.traffic.messages import RetryView
from permabots.views.api.traffic.retry import DeliveryRetryView

DETAIL: dict[str, Any] = {
    "type": "object",
    "description": "An error of the call as a whole.",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
    "example": {"detail": "Not found."},
}
FIELD_ERRORS: dict[str, Any] = {
    "type": "object",
    "description": "What is wrong with which field; ``non_field_errors`` are of several fields together.",
    "additionalProperties": {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"$ref": "#/components/schemas/FieldErrors"}},
            {"$ref": "#/components/schemas/FieldErrors"},
        ]
    },
    "example": {"name": ["This field is required."]},
}
REFUSED: dict[str, Any] = {
    "type": "object",
    "description": "A provider refused an account, or could not be asked.",
    "properties": {"error": {"type": "string"}, "reason": {"type": "string"}},
    "required": ["error", "reason"],
    "example": {"error": "Telegram Error", "reason": "Unauthorized"},
}
CHANGED: dict[str, Any] = {
    "type": "object",
    "description": "Somebody else changed the row: ``current`` is the row as it is now. Nothing was written.",
    "properties": {"detail": {"type": "string"}, "current": {"type": "object", "additionalProperties": {}}},
    "required": ["detail", "current"],
}
COMPONENTS: Mapping[str, dict[str, Any]] = {
    "Detail": DETAIL,
    "FieldErrors": FIELD_ERRORS,
    "Refused": REFUSED,
    "Changed": CHANGED,
}

TEXTS = {
    400: "The body or the query cannot be used: which field, and why.",
    401: "Nobody knows the caller.",
    403: "The caller's API token has no right to it.",
    404: "There is no such thing, or it is somebody else's.",
    405: "This address does not take the method.",
    409: "Nothing failed, so there is nothing to try again.",
    412: "The row is not the one that ``If-Match`` names.",
    415: "The body is in a form that is not read here.",
    428: "``If-Match`` is missing.",
    429: "A limit is reached, which ``detail`` names; ``Retry-After`` has the seconds until calls are taken again.",
}
VERSION_CONFLICT = "The row was changed at the same moment."


def errors(view: Any, method: str, path: str) -> dict[int, OpenApiResponse]:
    """Return the errors that an operation may answer, by their statuses.

    Args:
        view: its view.
        method: its HTTP method.
        path: its address.
    """
    account = isinstance(view, IntegrationViewSet)
    query = hasattr(view, "query_class") or (isinstance(view, RowViewSet) and view.action == "list")
    body = method in {"POST", "PUT", "PATCH"}
    names: dict[int, list[str]] = {401: ["Detail"], 403: ["Detail"], 405: ["Detail"], 429: ["Detail"]}
    if body or query or (account and view.action == "status"):
        names[400] = ["FieldErrors", "Detail", *(["Refused"] if account else [])]
    if "{" in path:
        names[404] = ["Detail"]
    if isinstance(view, RetryView | DeliveryRetryView):
        names[409] = ["Detail"]
    if method in {"PUT", "PATCH", "DELETE"}:
        names[412] = ["Changed"]
    if isinstance(view, DocumentViewSet) and method == "PUT":
        names[428] = ["Detail"]
    if body:
        names[415] = ["Detail"]
    responses = {status: _response(names[status], TEXTS[status]) for status in sorted(names)}
    if isinstance(view, ChatStateViewSet) and method in {"PUT", "PATCH"}:
        responses[409] = _response(["Changed"], VERSION_CONFLICT)
    return responses


def _response(names: list[str], text: str) -> OpenApiResponse:
    forms = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    return OpenApiResponse(forms[0] if len(forms) == 1 else {"anyOf": forms}, text)
