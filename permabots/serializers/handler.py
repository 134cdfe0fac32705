"""Handlers, with all their parts."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from permabots.models import Handler
from permabots.serializers.base import OptionalFields, RowSerializer
from permabots.serializers.configuration import (
    ROW,
    RequestChangeSerializer,
    RequestSerializer,
    ResponseChangeSerializer,
    ResponseSerializer,
    StateByNameSerializer,
)


class HandlerSerializer(RowSerializer):
    """How a bot reacts to a message. A state that the bot does not have yet is made."""

    request = RequestSerializer(required=False, allow_null=True)
    response = ResponseSerializer()
    target_state = StateByNameSerializer(required=False, allow_null=True)
    source_states = StateByNameSerializer(many=True, required=False, allow_null=True)

    class Meta:
        model = Handler
        fields = [
            *ROW,
            *("name", "pattern", "enabled", "request", "response", "target_state", "source_states", "priority"),
            "disabled_reason",
        ]
        read_only_fields = ["disabled_reason"]
        # What every database takes: some of them take more.
        extra_kwargs = {"priority": {"min_value": -(2**31), "max_value": 2**31 - 1}}


class HandlerChangeSerializer(OptionalFields, HandlerSerializer):
    """A change of a handler: what is left out stays, null takes away."""

    request = RequestChangeSerializer(required=False, allow_null=True)
    response = ResponseChangeSerializer(required=False)

    def validate_request(self, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """A handler without a request can be given one, but not a part of one."""
        if value is not None and "url_template" not in value and self.instance and self.instance.request_id is None:
            raise ValidationError({"url_template": [ErrorDetail("This field is required.", code="required")]})
        return value
