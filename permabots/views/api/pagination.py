"""Lists are plain arrays; a part of a list comes in an envelope with the address of the next part."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.views import APIView

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_OFFSET = 2**31 - 1


class OptionalLimitOffset(LimitOffsetPagination):
    """``?limit=&offset=``: ``count``, ``next``, ``previous`` and ``results``."""

    default_limit = DEFAULT_LIMIT
    max_limit = MAX_LIMIT
    limit_query_param = "limit"
    offset_query_param = "offset"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        """Return a part of the rows, None where the caller wants all of them.

        Raises:
            ValidationError: a parameter cannot be used, or is a misspelling of one: the caller would get all rows.
        """
        for name in request.query_params:
            parameters = [self.limit_query_param, self.offset_query_param]
            if name not in parameters and (nearest := get_close_matches(name.lower(), parameters, n=1, cutoff=0.8)):
                raise ValidationError({name: [f"There is no such parameter. The nearest is {nearest[0]}."]})
        if not {self.limit_query_param, self.offset_query_param} & set(request.query_params):
            return None
        return super().paginate_queryset(queryset, request, view)

    def get_limit(self, request: Request) -> int:
        return _number(request, self.limit_query_param, DEFAULT_LIMIT, 1, MAX_LIMIT)

    def get_offset(self, request: Request) -> int:
        return _number(request, self.offset_query_param, 0, 0, MAX_OFFSET)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the parameters as OpenAPI has them."""
        return [
            _parameter(self.limit_query_param, "At most so many", DEFAULT_LIMIT, 1, MAX_LIMIT),
            _parameter(self.offset_query_param, "Leave out so many first", 0, 0, MAX_OFFSET),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return what a list answers, as OpenAPI has it: all rows, or a part of them in its envelope."""
        link = {"type": "string", "format": "uri", "nullable": True}
        parts = {"count": {"type": "integer"}, "next": link, "previous": link, "results": schema}
        return {"oneOf": [schema, {"type": "object", "properties": parts, "required": list(parts)}]}


def _parameter(name: str, text: str, default: int, least: int, most: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {"name": name, "in": "query", "schema": schema, "description": f"{text}; the answer is then an envelope."}


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most:
        return int(text)
    raise ValidationError({name: [f"A number from {least} to {most} is required."]})
