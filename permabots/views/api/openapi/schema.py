"""The schema of the REST API in OpenAPI 3, by drf-spectacular. Nothing else imports this: it is an optional extra."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_doc
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from permabots.models.registry import model_of
from permabots.views.api.chat_states import ChatStateViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.openapi import errors as errors
from permabots.views.api.openapi import examples as examples
from permabots.views.api.openapi import operations as answers
from permabots.views.api.openapi.descriptions import WORDS, Words
from permabots.views.api.pagination import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET
from permabots.views.api.tests import TestRunView
from permabots.views.api.traffic.messages import RetryView
from permabots.views.api.traffic.retry import DeliveryRetryView

UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
CREATED = {"create": 201, "destroy": 204}


class ProviderId(OpenApiSerializerFieldExtension):
    """A chat or person: a number or a text, as its provider has it."""

    target_class = "permabots.serializers.base.ProviderIdField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        plain: dict[str, Any] = auto_schema._map_serializer_field(self.target.plain, direction)
        return plain


class Cursor(OpenApiSerializerFieldExtension):
    """Where a page begins: a text that nobody has to understand."""

    target_class = "permabots.serializers.observing_queries.CursorField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "description": "From ``next`` of the page before."}


class ApiSchema(AutoSchema):
    """One operation of the API."""

    @property
    def action(self) -> str:
        """What the operation does."""
        return answers.action_of(self.view, self.method)

    @property
    def words(self) -> Words:
        """What is said of its view."""
        return WORDS[type(self.view)]

    def get_operation_id(self) -> str:
        words = [word for word in self.path.strip("/").split("/") if not word.startswith("{")]
        return "_".join([*words, self.action])

    def get_summary(self) -> str:
        return self.words.summary(self.action, getattr(self.view, "slug", "").title())

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular has it
        handler = getattr(self.view, getattr(self.view, "action", self.method.lower()))
        return "\n\n".join(get_doc(part).partition("\n\nAttributes:")[0] for part in (type(self.view), handler))

    def get_tags(self) -> list[str]:
        return [self.words.tag]

    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def map_renderers(self, attribute: str) -> list[str]:
        return ["json" if attribute == "format" else "application/json"]

    def get_examples(self) -> list[OpenApiExample]:
        taken = answers.taken_by(self.view, self.method)
        found = []
        if taken is not None:
            found.append(OpenApiExample("body", examples.body(taken(), self._row), request_only=True))
        if self.action != "destroy":
            found.append(_answered("answer", self._example(), self._done))
        if 400 in self._errors:
            found.append(_answered("refused", self._refusal(taken), 400))
        return found

    @property
    def _row(self) -> Any:
        """Values of a row, for examples."""
        if isinstance(self.view, IntegrationViewSet) and self.action != "status":
            return model_of(self.view.slug).EXAMPLE
        return self.words.example

    def _example(self) -> Any:
        shown = examples.answer(answers.answered_by(self.view, self.action)(), self.words.done or self._row)
        if self.action != "list" or isinstance(self.view, IntegrationViewSet):
            return shown
        return [shown] if self._sliced else {"results": [shown], "next": None}

    def _refusal(self, taken: Any) -> Any:
        if taken is not None:
            return examples.refusal(taken(), partial=self.method == "PATCH")
        if isinstance(self.view, IntegrationViewSet):
            return {"error": model_of(self.view.slug).REFUSED, "reason": "The credentials were refused."}
        name = "limit" if self._sliced else next(iter(answers.QUERIES[type(self.view)]().fields))
        return {name: ["This value cannot be used."]}

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """An id in upper case is no address of the API."""
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            if parameter["schema"].get("format") == "uuid":
                parameter["schema"] = {**parameter["schema"], "pattern": UUID}
        return parameters

    def get_override_parameters(self) -> list[Any]:
        if type(self.view) in answers.QUERIES:
            return [answers.QUERIES[type(self.view)]]
        return _slice_parameters(self.view) if self._sliced else []

    @property
    def _sliced(self) -> bool:
        return self.action == "list" and hasattr(self.view, "action") and not isinstance(self.view, IntegrationViewSet)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # what a list answers is said whole by `_answer`

    def get_filter_backends(self) -> list[Any]:
        return []

    def _get_pagination_parameters(self) -> list[Any]:
        return []

    def get_request_serializer(self) -> Any:
        return answers.taken_by(self.view, self.method)

    @property
    def _done(self) -> int:
        """The status of success."""
        return CREATED.get(self.action, 200) if hasattr(self.view, "action") else 200

    @property
    def _asks_provider(self) -> bool:
        return isinstance(self.view, IntegrationViewSet) and self.action not in {"list", "retrieve", "destroy"}

    @property
    def _errors(self) -> list[int]:
        """The statuses of errors."""
        retry = isinstance(self.view, RetryView | DeliveryRetryView)
        return errors.statuses(
            body=self.method in {"POST", "PUT", "PATCH"} and not (retry or isinstance(self.view, TestRunView)),
            query=self._sliced or type(self.view) in answers.QUERIES,
            asks_provider=self._asks_provider,
            retry=retry,
            below="{" in self.path,
        )

    def get_response_serializers(self) -> Any:
        done: dict[Any, Any] = {self._done: self._answer()}
        refs = {name: self._component(name) for name in errors.COMPONENTS}
        return done | {
            status: OpenApiResponse(errors.shape(status, refs, asks_provider=self._asks_provider), errors.TEXTS[status])
            for status in self._errors
        }

    def _answer(self) -> Any:
        if self.action == "destroy":
            return None
        form = answers.answered_by(self.view, self.action)
        if self.action != "list" or isinstance(self.view, IntegrationViewSet):
            return form(many=False)
        item = self.resolve_serializer(form(many=False), "response").ref
        return OpenApiResponse((answers.slices if self._sliced else answers.page)(item), "The rows.")

    def _component(self, name: str) -> Any:
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, errors.COMPONENTS[name], name)
        self.registry.register_on_missing(component)
        return component.ref


def _answered(name: str, value: Any, status: int) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=[str(status)])


def _slice_parameters(view: Any) -> list[OpenApiParameter]:
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}
    found = [
        OpenApiParameter("limit", limit, description="At most so many; the answer is then an envelope."),
        OpenApiParameter("offset", offset, description="Leave out so many first; the answer is then an envelope."),
    ]
    if isinstance(view, ChatStateViewSet):
        texts = {"chat": "Of this chat.", "user": "Of this person.", "state": "In this state: a name or an id."}
        found += [OpenApiParameter(name, str, description=text) for name, text in texts.items()]
    return found


class Endpoints(EndpointEnumerator):
    """All URLs that it is given, those too whose views stay out of a host's own schema."""

    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        return True


class ApiSchemaGenerator(SchemaGenerator):
    """The whole schema. Its views need not know that there is one, nor the host project's own schema class."""

    endpoint_inspector_cls = Endpoints

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        view = super().create_view(callback, method, request)
        schema = ApiSchema()
        schema.view = view  # DRF's descriptor would do so, but the class has none: see `ApiView.schema`
        self._set_schema_to_view(view, schema)
        return view

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """Return the schema; its addresses begin where the request found it."""
        schema: dict[str, Any] = super().get_schema(request, public)
        root = "" if request is None else request.path.removesuffix("schema/")
        return {**schema, "servers": [{"url": root.rstrip("/") or "/"}]}
