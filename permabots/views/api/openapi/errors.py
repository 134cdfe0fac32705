"""The shapes of errors in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
COMPONENTS: Mapping[str, dict[str, Any]] = {"Detail": DETAIL, "FieldErrors": FIELD_ERRORS, "Refused": REFUSED}

TEXTS = {
    400: "The body or the query cannot be used: which field, and why.",
    401: "Nobody knows the caller.",
    404: "There is no such thing, or it is somebody else's.",
    405: "This address does not take the method.",
    409: "Nothing failed, so there is nothing to try again.",
    415: "The body is in a form that is not read here.",
}
SHAPES = {400: ("FieldErrors", "Detail")}
"""Status -> names of its shapes; ``Detail`` where nothing is said."""


def statuses(*, body: bool, query: bool, asks_provider: bool, retry: bool, below: bool) -> list[int]:
    """Return the errors that an operation may answer.

    Args:
        body: it reads one.
        query: it takes parameters in the URL.
        asks_provider: it may be refused by one.
        retry: it tries something again.
        below: its address names something that need not exist.
    """
    found = [400] if body or query or asks_provider else []
    found += [401, *([404] if below else []), 405]
    return [*found, *([409] if retry else []), *([415] if body else [])]


def shape(status: int, refs: Mapping[str, Any], *, asks_provider: bool) -> dict[str, Any]:
    """Return the schema of one error."""
    names = [*SHAPES.get(status, ("Detail",)), *(["Refused"] if asks_provider and status == 400 else [])]
    schemas = [refs[name] for name in names]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
