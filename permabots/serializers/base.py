"""What all serializers share. They say what a body looks like and check it; what writes it is `permabots.pipeline`."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.db import models
from rest_framework import ISO_8601, serializers

BIGGEST = 2**63 - 1
"""The largest number that a provider's ids, and databases, go to."""


class UtcDateTimeField(serializers.DateTimeField):
    """A moment in ISO 8601 and UTC, whatever the host project sets for its own API."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "format": ISO_8601, "default_timezone": UTC})


class RowSerializer(serializers.ModelSerializer):
    """A row as JSON. Its checks are those of the row's own columns."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


class Parts(serializers.ListSerializer):
    """What something is made of. The list may be null where it says so, none of its parts may."""

    def run_child_validation(self, data: Any) -> Any:
        if data is None:
            raise serializers.ValidationError({"non_field_errors": [self.error_messages["null"]]})
        return super().run_child_validation(data)


class OptionalFields(serializers.BaseSerializer):
    """Mixed in for changes of rows with parts: every field may be left out, and what is left out stays as it is."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()  # type: ignore[misc] # of the class it is mixed into
        for field in fields.values():
            field.required = False
        return fields


class ProviderIdField(serializers.Field):
    """A chat or person as its provider calls it: a number in its API, or a text; a text in our rows.

    Args:
        integer: whether it is a number.
        max_length: the longest text.
    """

    def __init__(self, *, integer: bool, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        number = serializers.IntegerField(min_value=-BIGGEST - 1, max_value=BIGGEST)
        self.plain = number if integer else serializers.CharField(max_length=max_length)

    def to_internal_value(self, data: Any) -> str:
        return str(self.plain.run_validation(data))

    def to_representation(self, value: str) -> Any:
        return int(value) if isinstance(self.plain, serializers.IntegerField) and _is_number(value) else value


def _is_number(value: str) -> bool:
    return value.removeprefix("-").isdecimal()
