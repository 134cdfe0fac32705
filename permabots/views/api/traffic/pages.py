"""Pages of rows, newest first. A page begins after the last row of the previous page, so each page costs the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.utils.urls import replace_query_param

from permabots.serializers.observing_queries import Filters, PageQuery, cursor

Query = TypeVar("Query", bound=Filters)


def parse_query(query: type[Query], request: Request) -> Query:
    """Return the parameters of a request.

    Raises:
        ValidationError: a parameter cannot be used; the error names it.
    """
    checked = query(data=request.query_params.dict())
    checked.is_valid(raise_exception=True)
    return checked


def refuse_body(request: Request, words: str = "There is no body.") -> None:
    """Refuse a body where none is read: it would have no effect, unseen by its author.

    Raises:
        ValidationError: there is a body that is not empty.
    """
    if request.data:
        raise ValidationError({"non_field_errors": [words]})


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        rows: newest first.
        following: the address of the page of older rows, None on the last.
    """

    rows: list[Any]
    following: str | None

    def shown_by(self, serializer: type[BaseSerializer]) -> Response:
        """Return the page as an answer: ``results`` and ``next``."""
        return Response({"results": serializer(self.rows, many=True).data, "next": self.following})


def page(request: Request, rows: QuerySet[Any], query: PageQuery) -> Page:
    """Fetch one page, in one query and what the rows prefetch.

    Args:
        request: the request; the address of the next page is made from its address.
        rows: all rows that the caller may see; filters and order are added here.
        query: the parameters, as `parse_query` returns them.
    """
    limit, before = query.validated_data["limit"], query.validated_data["before"]
    older = {} if before is None else {"pk__lt": before}
    fetched = list(rows.filter(**query.conditions(), **older).order_by("-pk")[: limit + 1])
    following = None
    if len(fetched) > limit:
        following = replace_query_param(request.build_absolute_uri(), "before", cursor(fetched[limit - 1].pk))
    return Page(fetched[:limit], following)
