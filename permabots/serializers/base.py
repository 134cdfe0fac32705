"""Base classes of the serializers. They describe and check bodies; `permabots.pipeline` writes the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from difflib import get_close_matches
from itertools import islice
from typing import Any, ClassVar

from django.db import models
from rest_framework import ISO_8601, serializers
from rest_framework.exceptions import ValidationError

from permabots.conf import get_config
from permabots.models.registry import providers

WARNINGS = "warnings"
"""The name of the field that a response has beside a row: warnings about a row that was written all the same."""
MAX_INTEGER = 2**63 - 1
"""The largest id of a provider and of a database's integer column."""


MAX_UNKNOWN = 20
"""Unknown fields of one object that an answer names, at most: to look for what each may mean takes time."""
_NAME_CHARS = 100


def shorten(name: str) -> str:
    """Return a name that a caller made up, no longer than an answer quotes it."""
    return name if len(name) <= _NAME_CHARS else name[:_NAME_CHARS] + "…"


class UtcDateTimeField(serializers.DateTimeField):
    """A date and time in ISO 8601 and UTC, whatever the host project sets for its own API."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "format": ISO_8601, "default_timezone": UTC})


class RejectUnknownFields(serializers.BaseSerializer):
    """A mixin that refuses unknown fields, which would have no effect: a misspelt name is an error.

    A client may send back all fields of a response: read-only ones are accepted, without an effect.

    Attributes:
        shown_elsewhere: names of fields that other responses about the same row have.
    """

    shown_elsewhere: ClassVar[frozenset[str]] = frozenset({WARNINGS})

    def ignores_unknown(self) -> bool:
        """Return whether unknown fields are dropped instead of refused."""
        return False

    def to_internal_value(self, data: Any) -> Any:
        problems = {} if self.ignores_unknown() else self._problems(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            detail: Any = error.detail
            raise ValidationError({**detail, **problems} if problems else detail) from error
        if problems:
            raise ValidationError(problems)
        return value

    def _problems(self, data: Any) -> dict[str, list[str]]:
        if not isinstance(data, Mapping):
            return {}
        fields: Mapping[str, serializers.Field] = self.fields  # type: ignore[attr-defined] # of the class it is mixed into
        writable = [name for name, field in fields.items() if not field.read_only]
        names = (str(name) for name in data if name not in fields and name not in self.shown_elsewhere)
        unknown = [shorten(name) for name in islice(names, MAX_UNKNOWN)]
        return {name: [f"There is no such field. {_instead(name, writable)}"] for name in unknown}


def _instead(name: str, known: list[str]) -> str:
    word = name.lower()
    begun = [other for other in known if other.startswith(word) or word.startswith(other)] if word else []
    nearest = begun or get_close_matches(word, known, n=1, cutoff=0.45)
    return f"The nearest is {nearest[0]}." if nearest else f"There are: {', '.join(known)}."


class UtcModelSerializer(serializers.ModelSerializer):
    """A row whose moments are in UTC."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


class RowSerializer(RejectUnknownFields, UtcModelSerializer):
    """A row as JSON. Its checks are those of the row's own columns."""

    def ignores_unknown(self) -> bool:
        return get_config().api_ignores_unknown_fields


class Parts(serializers.ListSerializer):
    """A list of parts of a row. The list may be null where its field allows that, its parts may not."""

    MAX_PARTS = 100
    """Each part is checked, and its template compiled: so many parts take less than a second."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > self.MAX_PARTS:
            message = f"More than {self.MAX_PARTS} parts: this has {len(data):,}."
            raise serializers.ValidationError({"non_field_errors": [message]})
        return super().to_internal_value(data)

    def run_child_validation(self, data: Any) -> Any:
        if data is None:
            raise serializers.ValidationError({"non_field_errors": [self.error_messages["null"]]})
        return super().run_child_validation(data)


class OptionalFields(serializers.BaseSerializer):
    """A mixin for changes of rows with parts: every field is optional, and an omitted one stays as it is."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()  # type: ignore[misc] # of the class it is mixed into
        for field in fields.values():
            field.required = False
        return fields


class ProviderField(serializers.ChoiceField):
    """The slug of a provider in use. Each serializer makes its fields anew, by the settings of that moment."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(providers()), **options)


class ProviderIdField(serializers.Field):
    """The id of a chat or person: a number or a text, as in the provider's API; a text in rows.

    Args:
        integer: whether the id is a number.
        max_length: the longest text.
    """

    def __init__(self, *, integer: bool, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        number = serializers.IntegerField(min_value=-MAX_INTEGER - 1, max_value=MAX_INTEGER)
        self.plain = number if integer else serializers.CharField(max_length=max_length)

    def to_internal_value(self, data: Any) -> str:
        value = self.plain.run_validation(data)
        if value == 0:
            raise ValidationError("No chat and no person has the number 0.")
        return str(value)

    def to_representation(self, value: str) -> Any:
        return int(value) if isinstance(self.plain, serializers.IntegerField) and _is_number(value) else value


def _is_number(value: str) -> bool:
    return value.removeprefix("-").isdecimal()
