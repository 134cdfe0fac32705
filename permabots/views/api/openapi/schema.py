"""The schema of the REST API in OpenAPI 3, by drf-spectacular. Nothing else imports this: it is an optional extra."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, inline_serializer
from rest_framework.serializers import IntegerField, URLField

from permabots.models.registry import model_of
from permabots.views.api.base import OwnedViewSet, RowViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.openapi.errors import errors
from permabots.views.api.openapi.resources import RESOURCES, Resource

UUID = {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
"""An id in an address; in upper case it is none."""
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ``ETag`` of the row that the change counts on. Without it the row is changed whatever it is now.",
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, description="The version of the row, for ``If-Match``.", response=[200, 201]
)


class ApiTokenScheme(OpenApiAuthenticationExtension):
    """An API token: ``Authorization: Bearer permabots_…``."""

    target_class = "permabots.views.access.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "permabots_…"}


class ProviderId(OpenApiSerializerFieldExtension):
    """A chat or person: a number or a text, as its provider has it."""

    target_class = "permabots.serializers.base.ProviderIdField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        plain = self.target.plain
        if isinstance(plain, IntegerField):
            return {"type": "integer", "format": "int64", "minimum": plain.min_value, "maximum": plain.max_value}
        least = {"minLength": 1} if direction == "request" else {}
        return {"type": "string", **least, "maxLength": plain.max_length}


class Cursor(OpenApiSerializerFieldExtension):
    """Where a page begins: a text that nobody has to understand."""

    target_class = "permabots.serializers.observing_queries.CursorField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "description": "From ``next`` of the page before."}


class ApiSchema(AutoSchema):
    """One operation of the API."""

    @property
    def resource(self) -> Resource:
        """The words for its view."""
        return RESOURCES[type(self.view)]

    @property
    def action(self) -> str:
        """What the operation is called: the action of a view set; a plain view has one operation."""
        return getattr(self.view, "action", None) or next(iter(self.resource.summaries))

    def get_operation_id(self) -> str:
        words = [word for word in self.path.strip("/").split("/") if not word.startswith("{")]
        return "_".join([*words, self.action])

    def get_summary(self) -> str:
        return self.resource.summaries[self.action].format(provider=getattr(self.view, "slug", "").title())

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular has it
        handler = getattr(self.view, getattr(self.view, "action", self.method.lower()))
        return "\n\n".join(get_doc(part).partition("\n\nAttributes:")[0] for part in (type(self.view), handler))

    def get_tags(self) -> list[str]:
        return [self.resource.tag]

    def get_examples(self) -> list[OpenApiExample]:
        if self.action in {"rotate", "retire"}:  # its body is no row
            return []
        example = self.resource.example
        if isinstance(self.view, IntegrationViewSet) and (credentials := model_of(self.view.slug).EXAMPLE):
            example = {**credentials, "enabled": True}
        return [] if example is None else [OpenApiExample("body", example, request_only=True)]

    def get_override_parameters(self) -> list[Any]:
        ids = re.findall(r"<uuid:(\w+)>", self.path_regex)
        parameters: list[Any] = [OpenApiParameter(name, UUID, OpenApiParameter.PATH) for name in ids]
        if query := getattr(self.view, "query_class", None):
            parameters.append(query)
        if isinstance(self.view, RowViewSet) and self.action == "list":
            parameters += [OpenApiParameter(name, str, description=text) for name, text in self.view.filters.items()]
        if self.method in {"PUT", "PATCH", "DELETE"}:
            parameters.append(IF_MATCH)
        if isinstance(self.view, OwnedViewSet) and self.action in {"create", "retrieve", "update", "partial_update"}:
            parameters.append(ETAG)
        return parameters

    def get_request_serializer(self) -> Any:
        if isinstance(self.view, IntegrationViewSet) and self.action in {"rotate", "retire"}:
            return None
        if isinstance(self.view, OwnedViewSet):
            return self.view.get_serializer_class()
        return getattr(self.view, "body_class", None)

    def get_response_serializers(self) -> Any:
        return self._success(self.view) | errors(self.view, self.method, self.path)

    def _success(self, view: Any) -> dict[Any, Any]:
        if self.action == "destroy":
            return {204: None}
        if not isinstance(view, OwnedViewSet):
            form = _page(view.serializer_class) if self.action == "list" else view.serializer_class
            return {(200, view.media_type): form} if hasattr(view, "media_type") else {200: form}
        form = view.read_serializer()
        if self.action == "list":  # of a bot's accounts at a provider there is one, and it is answered as such
            return {200: form(many=True) if isinstance(view, RowViewSet) else forced_singular_serializer(form)}
        return {201 if self.action == "create" else 200: form}


def _page(form: Any) -> Any:
    """Return the serializer of a page of traffic."""
    name = form.__name__.removesuffix("Serializer")
    return inline_serializer(f"{name}Page", {"results": form(many=True), "next": URLField(allow_null=True)})


class Endpoints(EndpointEnumerator):
    """All URLs that the generator is given, also those whose views stay out of a host's own schema."""

    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        return True


class ApiSchemaGenerator(SchemaGenerator):
    """The whole schema. Its views need not know that there is one, nor the host project's own schema class."""

    endpoint_inspector_cls = Endpoints

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        view = super().create_view(callback, method, request)
        view.schema = ApiSchema()
        view.schema.view = view  # DRF's descriptor would do so, but the class has none: see `ApiView.schema`
        return view

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """Return the schema; its addresses begin where the request found it."""
        schema: dict[str, Any] = super().get_schema(request, public)
        root = "" if request is None else request.path.removesuffix("schema/")
        return {**schema, "servers": [{"url": root.rstrip("/") or "/"}]}
