"""Examples of bodies and answers for the schema: made of the serializers, so that each shows every field there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models.fields import NOT_PROVIDED
from rest_framework import serializers

from permabots.serializers.base import ProviderIdField
from permabots.values import Json

ID = "0b6f3a52-6c1e-4f0a-9d51-5c1de1a3d6f4"
MOMENT = "2030-01-01T12:00:00Z"
NUMBER = 7

PLAIN: Mapping[type[serializers.Field], Json] = {
    serializers.UUIDField: ID,
    serializers.DateTimeField: MOMENT,
    serializers.IntegerField: NUMBER,
    serializers.BooleanField: True,
    serializers.DictField: {},
    serializers.ListField: [],
    serializers.JSONField: {},
}
"""Kind of field -> what it shows where nothing else is said; a text for all others."""


def body(form: Any, given: Any) -> Json:
    """Return a body: what is given, and what has to be.

    Args:
        form: a serializer.
        given: values of some fields, by their names.
    """
    if isinstance(form, serializers.ListSerializer):
        return [body(form.child, item) for item in given or ()]
    if not isinstance(form, serializers.Serializer):
        return _plain(form) if given is None else given
    found = {name: field for name, field in form.fields.items() if not field.read_only}
    given = given or {}
    return {name: body(field, given.get(name)) for name, field in found.items() if field.required or name in given}


def answer(form: Any, given: Any) -> Json:
    """Return an answer: what is given, and something for every other field; null where that may be."""
    if isinstance(form, serializers.ListSerializer):
        return [answer(form.child, item) for item in given or ()]
    if given is None and form.allow_null:
        return None
    if not isinstance(form, serializers.Serializer):
        return _plain(form) if given is None else given
    found = {name: field for name, field in form.fields.items() if not field.write_only}
    return {name: answer(field, (given or {}).get(name)) for name, field in found.items()}


def refusal(form: Any, *, partial: bool = False) -> Json:
    """Return what is answered to a body that leaves out what has to be in it, or brings null for what it changes."""
    names = {name: field for name, field in form.fields.items() if not field.read_only}
    required = [name for name, field in names.items() if field.required and not partial]
    if required:
        return {required[0]: ["This field is required."]}
    return {next(iter(names)): ["This field may not be null."]}


def _plain(field: Any) -> Json:
    if isinstance(field, ProviderIdField):
        return NUMBER if isinstance(field.plain, serializers.IntegerField) else str(NUMBER)
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    default = _default(field)
    if default is not None:
        return default
    return next((value for kind, value in PLAIN.items() if isinstance(field, kind)), f"the {field.field_name}")


def _default(field: Any) -> Json:
    """Return what the column behind a field holds where nobody says anything, None for none."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    column = next((found for found in model._meta.fields if found.name == field.source), None) if model else None
    default = getattr(column, "default", NOT_PROVIDED)
    no_text = default == "" and not field.read_only and not field.allow_blank
    return None if default is NOT_PROVIDED or callable(default) or no_text else default
