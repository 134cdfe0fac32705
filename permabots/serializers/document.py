"""A bot as a document, and what it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from permabots.pipeline.authoring.documents import FORMAT, VERSION, Action, Change
from permabots.pipeline.authoring.documents.format import SECTIONS
from permabots.serializers.observing_queries import Filters


def _items() -> serializers.ListField:
    return serializers.ListField(child=serializers.DictField(), required=False)


class DocumentSerializer(serializers.Serializer):
    """A bot as a document. ``GET /bots/document/schema/`` answers what each part may hold."""

    format = serializers.ChoiceField([FORMAT])
    version = serializers.ChoiceField([VERSION])
    bot = serializers.DictField()
    states = _items()
    variables = _items()
    handlers = _items()
    hooks = _items()
    tests = _items()


class DocumentSchemaSerializer(serializers.Serializer):
    """The JSON Schema of documents."""

    schema = serializers.DictField()


class ExampleListSerializer(serializers.Serializer):
    """The names of the example bots."""

    examples = serializers.ListField(child=serializers.CharField())


class FieldChangeSerializer(serializers.Serializer):
    """A field with its value before and after, null where there was or is none."""

    name = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ChangeSerializer(serializers.Serializer):
    """A part of a bot that is created, changed or deleted. Of one that is changed, the fields are named."""

    section = serializers.ChoiceField(["bot", *SECTIONS, "order"])
    action = serializers.ChoiceField([it.value for it in Action])
    name = serializers.CharField()
    fields = FieldChangeSerializer(many=True)  # type: ignore[assignment] # the metaclass takes it out


class DocumentChangesSerializer(serializers.Serializer):
    """What was changed, or would be."""

    changes = ChangeSerializer(many=True)


class DocumentQuery(Filters):
    """What a document is to have."""

    recipients = serializers.BooleanField(default=False, help_text="With the people whom the hooks tell.")


class DocumentApplyQuery(Filters):
    """Whether a document is applied."""

    dry_run = serializers.BooleanField(default=False, help_text="Only tell what would be changed.")


def shown(changes: Iterable[Change]) -> dict[str, Any]:
    """Return changes as the API shows them; secrets' values are masked."""
    return {
        "changes": [
            {
                "section": change.section,
                "action": change.action.value,
                "name": change.name,
                "fields": [
                    {"name": it.name, "before": it.before, "after": it.after}
                    for it in (change.fields() if change.action is Action.CHANGED else ())
                ],
            }
            for change in changes
        ]
    }
