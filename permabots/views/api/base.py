"""Base classes of the views of rows: only the owner's rows, one writer at a time, plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist
from django.core.exceptions import ValidationError as RowError
from django.db import models
from django.http import Http404
from django.utils.decorators import method_decorator
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings
from rest_framework.viewsets import ViewSetMixin

from permabots.database import non_atomic_requests
from permabots.models import Bot
from permabots.pipeline.authoring import configuration
from permabots.serializers.base import WARNINGS
from permabots.serializers.observing_queries import unknown_parameters
from permabots.views.access.scopes import CONFIGURATION
from permabots.views.api import versions
from permabots.views.api.pagination import OptionalLimitOffset
from permabots.views.base import BotView
from permabots.views.parsers import PARSERS

NO_FIELD = "non_field_errors"
LIST: dict[str, Any] = {"get": "list", "post": "create"}
"""Actions on all rows of a kind: HTTP method -> method of the view set."""
DETAIL: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
"""Actions on one row: HTTP method -> method of the view set."""


class Description(SimpleMetadata):
    """The answer to OPTIONS: the name and description of the view. Fields are described by the schema."""

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:
        return {}


@method_decorator(non_atomic_requests, name="dispatch")
class OwnedViewSet(ViewSetMixin, BotView, GenericAPIView):
    """Rows of one bot, for its owner. For anybody else neither the bot nor anything of it exists.

    Attributes:
        bot: the bot that has the rows.
    """

    parser_classes = PARSERS
    pagination_class: Any = None
    filter_backends: list[Any] = []
    metadata_class = Description
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    bot: Bot

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate the caller, then look for their bot, before the method or body is looked at."""
        super().initial(request, *args, **kwargs)
        self.find_bot()

    def find_bot(self) -> None:
        self.bot = self.owned_bot()

    def read_serializer(self) -> Any:
        """Return the serializer of a whole row, as it is answered."""
        return self.serializer_class

    def shown(self, rows: Any, *, many: bool = False) -> Any:
        """Return rows as the API shows them."""
        return self.read_serializer()(rows, many=many, context=self.get_serializer_context()).data

    def answer(self, content: Any, warnings: Sequence[str] = (), status: int = 200) -> Response:
        """Return the answer of one row, with its version."""
        return Response(with_warnings(content, warnings), status, headers={"ETag": versions.etag(content)})

    def unchanged(self) -> Any:
        """Return the row that is to be changed. Views of rows call this under the bot's lock.

        Raises:
            PreconditionFailed: the caller counts on another version of it.
        """
        row = self.get_object()
        if versions.is_conditional(self.request):
            versions.check_match(self.request, self.shown(row))
        return row

    def handle_exception(self, exc: Exception) -> Response:
        """Answer errors of rows and of the pipeline as errors of the API."""
        if isinstance(exc, RowError):
            exc = ValidationError(_by_field(exc))
        elif isinstance(exc, Http404 | ObjectDoesNotExist):
            exc = NotFound()
        if isinstance(exc, ValidationError):
            exc.detail = _named_as_ever(exc.detail)
        return super().handle_exception(exc)


def _named_as_ever(detail: Any) -> Any:
    """Return errors with those of no field under the name that clients of 2.2.3 know."""
    if isinstance(detail, dict):
        key = api_settings.NON_FIELD_ERRORS_KEY
        return {NO_FIELD if name == key else name: _named_as_ever(errors) for name, errors in detail.items()}
    return [_named_as_ever(item) for item in detail] if isinstance(detail, list) else detail


def _by_field(error: RowError) -> dict[str, list[str]]:
    errors = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    return {NO_FIELD if name == NON_FIELD_ERRORS else name: texts for name, texts in errors.items()}


def with_warnings(content: Any, warnings: Sequence[str]) -> Any:
    """Return an answer with warnings added, if there are any."""
    return {**content, WARNINGS: warnings} if warnings else content


def doubled_name(others: models.QuerySet[Any], values: Any, row: Any) -> Sequence[str]:
    """Return a warning where a second row gets the same name.

    Args:
        others: the rows among which a name should be unique.
        values: the values that are written.
        row: the row that is changed, None for a new one.
    """
    name = values.get("name")
    if name is None or (row is not None and row.name == name) or not others.filter(name=name).exists():
        return []
    return [f"There is another one of the name {name!r}."]


class RowViewSet(OwnedViewSet):
    """A kind of rows: list and create, read, change and delete.

    Attributes:
        change_serializer_class: the serializer of PUT and PATCH where both keep fields that the body leaves out; None
            where PUT wants every field.
        list_parameters: the query parameters of a list; None where others are ignored, as clients of 2.2.3 know it.
        filters: parameters of a list that choose some rows, and what each chooses.
    """

    scopes = CONFIGURATION
    pagination_class = OptionalLimitOffset
    change_serializer_class: type[Serializer] | None = None
    list_parameters: frozenset[str] | None = None
    filters: ClassVar[Mapping[str, str]] = {}

    def update_serializer(self) -> Any:
        """Return the serializer of a change, None where it is that of a whole row."""
        return self.change_serializer_class

    def get_serializer_class(self) -> Any:
        changes = self.action in {"update", "partial_update"}
        return (self.update_serializer() if changes else None) or self.read_serializer()

    def list(self, request: Request, **_: Any) -> Response:
        """All rows in a stable order; with ``limit`` and ``offset`` a part of them."""
        rows = self.get_queryset()
        given, known = request.query_params, self.list_parameters
        if known is not None and (problems := unknown_parameters(given, known)):
            raise ValidationError(problems)
        page = self.paginate_queryset(rows)
        if page is None:
            return Response(self.shown(rows, many=True))
        return self.get_paginated_response(self.shown(page, many=True))

    def create(self, request: Request, **_: Any) -> Response:
        """Make a row, whole or not at all."""
        self.get_queryset()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with configuration.editing(self.bot):
            warnings = self.warnings(serializer.validated_data)
            made = self.perform_create(serializer.validated_data)
            row = self.get_queryset().get(pk=made.pk)
            content = self.shown(row)
            warnings = [*warnings, *self.warnings_of(row)]
        return self.answer(content, warnings, status=201)

    def retrieve(self, request: Request, **_: Any) -> Response:
        """One row."""
        return self.answer(self.shown(self.get_object()))

    def update(self, request: Request, *, partial: bool = False, **_: Any) -> Response:
        """Change a row, whole or not at all."""
        partial = partial and self.update_serializer() is None
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        with configuration.editing(self.bot):
            row = self.unchanged()
            warnings = self.warnings(serializer.validated_data, row)
            self.perform_update(row, serializer.validated_data)
            row = self.get_object()
            content = self.shown(row)
            warnings = [*warnings, *self.warnings_of(row)]
        return self.answer(content, warnings)

    def partial_update(self, request: Request, **_: Any) -> Response:
        """Change what the body names of a row."""
        return self.update(request, partial=True)

    def destroy(self, request: Request, **_: Any) -> Response:
        """Delete a row and what belongs to it alone."""
        with configuration.editing(self.bot):
            self.perform_destroy(self.unchanged())
        return Response(status=204)

    # Overridden for each kind of rows

    def new_row(self) -> models.Model:
        """Return an unsaved row that knows its parent."""
        raise NotImplementedError

    def warnings(self, values: Any, row: Any = None) -> Sequence[str]:
        """Return warnings about valid values: sentences.

        Args:
            values: the valid ones.
            row: the row before the change; None for a new row.
        """
        return []

    def warnings_of(self, row: Any) -> Sequence[str]:
        """Return warnings about a row that was written: sentences."""
        return []

    def perform_create(self, values: Any) -> models.Model:
        """Write a new row; returns it."""
        return configuration.save(self.new_row(), values)

    def perform_update(self, row: Any, values: Any) -> None:
        """Write a change."""
        configuration.save(row, values)

    def perform_destroy(self, row: Any) -> None:
        """Delete a row."""
        row.delete()
