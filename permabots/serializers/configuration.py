"""States, variables, and the parts of handlers and hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from permabots.conf import get_config
from permabots.models import EnvironmentVar, HeaderParam, Request, Response, State, UrlParam
from permabots.security.masks import is_mask
from permabots.serializers.base import OptionalFields, Parts, RowSerializer
from permabots.serializers.secrets import is_kept, shown_secret
from permabots.values import Json, storable

REVEALS = "A secret is not shown by unticking this: send its value anew, or leave it secret."
ROW = ["id", "created_at", "updated_at"]


class EnvironmentVarSerializer(RowSerializer):
    """A variable, ``env.<key>`` in templates. A secret one is redacted in traces, and its value answered as a mask."""

    class Meta:
        model = EnvironmentVar
        fields = [*ROW, "key", "value", "secret"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a mask that is not of the stored value, and to show a secret by unticking it."""
        row: Any = self.instance
        was = row is not None and row.secret
        secret, value = attrs.get("secret", was), attrs.get("value")
        if was and not secret and (value is None or is_mask(value)) and not get_config().api_shows_secrets:
            raise ValidationError({"secret": [REVEALS]})
        if (was or secret) and is_mask(value):
            try:
                if is_kept(value, row.value if was else ""):
                    del attrs["value"]
            except ValidationError as error:
                raise ValidationError({"value": error.detail}) from error
        return attrs

    def to_representation(self, instance: EnvironmentVar) -> Any:
        shown = super().to_representation(instance)
        return {**shown, "value": shown_secret(instance.value)} if instance.secret else shown


class StateSerializer(RowSerializer):
    """A state that a chat can be in."""

    class Meta:
        model = State
        fields = [*ROW, "name"]
        list_serializer_class = Parts


class StateByNameSerializer(StateSerializer):
    """A state as a part of another row: a request names it, a response shows it whole. Its valid value is the name."""

    def to_internal_value(self, data: Any) -> str:
        name: str = super().to_internal_value(data)["name"]
        return name


class ParameterSerializer(RowSerializer):
    """A parameter: its key and the template of its value."""


class UrlParamSerializer(ParameterSerializer):
    """A query parameter of a request."""

    class Meta:
        model = UrlParam
        fields = [*ROW, "key", "value_template"]
        list_serializer_class = Parts


class HeaderParamSerializer(ParameterSerializer):
    """A header of a request."""

    class Meta:
        model = HeaderParam
        fields = [*ROW, "key", "value_template"]
        list_serializer_class = Parts


def _no_doubles(values: list[Mapping[str, str]] | None) -> list[Mapping[str, str]] | None:
    """Refuse a list with a key twice."""
    seen: set[str] = set()
    errors: dict[str, Any] = {}
    for place, value in enumerate(values or ()):
        if value["key"] in seen:
            errors[str(place)] = {"key": [ErrorDetail("This key is given twice.", code="unique")]}
        seen.add(value["key"])
    if errors:
        raise ValidationError(errors)
    return values


class RequestSerializer(RowSerializer):
    """The call of a handler to a user API."""

    url_parameters = UrlParamSerializer(many=True, required=False, allow_null=True)
    header_parameters = HeaderParamSerializer(many=True, required=False, allow_null=True)

    class Meta:
        model = Request
        fields = ["url_template", "method", "data", "url_parameters", "header_parameters"]

    def validate_data(self, value: Json) -> Json:
        if storable(value) != value:
            raise ValidationError("NUL and halves of characters cannot be kept.")
        return value

    def validate_url_parameters(self, value: Any) -> Any:
        return _no_doubles(value)

    def validate_header_parameters(self, value: Any) -> Any:
        return _no_doubles(value)


class RequestChangeSerializer(OptionalFields, RequestSerializer):
    """A change of a request: parameters are found by their keys, and others stay."""


class ResponseSerializer(RowSerializer):
    """The templates of an answer."""

    keyboard_template = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        validators=Response._meta.get_field("keyboard_template").validators,
    )

    class Meta:
        model = Response
        fields = ["text_template", "keyboard_template"]

    def validate_keyboard_template(self, value: str | None) -> str:
        return value or ""


class ResponseChangeSerializer(OptionalFields, ResponseSerializer):
    """A change of an answer."""
