"""Handlers with their parts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from permabots.conf import get_config
from permabots.engine.patterns import check_pattern
from permabots.exceptions import PatternError
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
    """A handler. A state that the bot does not have yet is created."""

    request = RequestSerializer(required=False, allow_null=True)
    response = ResponseSerializer()
    target_state = StateByNameSerializer(required=False, allow_null=True)
    source_states = StateByNameSerializer(many=True, required=False, allow_null=True)
    shown_elsewhere = RowSerializer.shown_elsewhere | {"pattern_note"}

    class Meta:
        model = Handler
        fields = [
            *ROW,
            *("name", "pattern", "enabled", "request", "response", "target_state", "source_states", "priority"),
            "disabled_reason",
        ]
        read_only_fields = ["disabled_reason"]
        # The range that every database accepts.
        extra_kwargs = {"priority": {"min_value": -(2**31), "max_value": 2**31 - 1}}


class WholeHandlerSerializer(HandlerSerializer):
    """A single handler: with a note about its pattern, which lists leave out since it takes time to compute."""

    pattern_note = serializers.SerializerMethodField(
        help_text="How the pattern is run where it is no plain RE2, and why; empty where it is."
    )

    class Meta(HandlerSerializer.Meta):
        fields = [*HandlerSerializer.Meta.fields, "pattern_note"]

    def get_pattern_note(self, handler: Handler) -> str:
        return pattern_note(handler.pattern)


def pattern_note(pattern: str) -> str:
    """Return how a pattern is searched and why, where RE2 only approximates it or its time is limited; else ""."""
    try:
        report = check_pattern(pattern)
    except PatternError as error:
        return f"It is never found: {error}."
    if report.kind == "linear":
        return report.explanation if report.approximated else ""
    return f"{report.explanation} The limit is {get_config().match_timeout:g} s on one message."


class HandlerChangeSerializer(OptionalFields, HandlerSerializer):
    """A change of a handler: an omitted field stays as it is, null removes."""

    request = RequestChangeSerializer(required=False, allow_null=True)
    response = ResponseChangeSerializer(required=False)

    def validate_request(self, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """A handler without a request can be given one, but not a part of one."""
        if value is not None and "url_template" not in value and self.instance and self.instance.request_id is None:
            raise ValidationError({"url_template": [ErrorDetail("This field is required.", code="required")]})
        return value
