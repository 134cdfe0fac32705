"""Conversation tests, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from permabots.models import ConversationTest
from permabots.models.registry import providers
from permabots.pipeline.authoring.conversation_tests import Result
from permabots.serializers.base import OnlyKnownFields, RowSerializer
from permabots.serializers.configuration import ROW
from permabots.serializers.observing_queries import Filters
from permabots.serializers.observing_simulation import StubResponseSerializer
from permabots.values import Json


def _text(**options: Any) -> serializers.CharField:
    """Return a field for a text that is taken as it is."""
    return serializers.CharField(allow_blank=True, trim_whitespace=False, **options)


class DisplayedButtonSerializer(OnlyKnownFields, serializers.Serializer):
    """A button: its ``data``, or the ``url`` that it opens."""

    label = _text()  # type: ignore[assignment] # the metaclass takes them out
    data = _text(required=False)  # type: ignore[assignment] # as above
    url = _text(required=False)


class DisplayedMessageSerializer(OnlyKnownFields, serializers.Serializer):
    """What is to be seen: a text as the messenger gets it, and rows of buttons."""

    text = _text()
    buttons = serializers.ListField(child=serializers.ListField(child=DisplayedButtonSerializer()), required=False)


class StepSerializer(OnlyKnownFields, serializers.Serializer):
    """What was ``said`` or ``pressed`` (one of the two), what the API answers, what is right.

    ``api`` is left out where the API is not asked; ``state`` is the name of the one afterwards, null for none.
    """

    said = _text(required=False)
    pressed = _text(required=False)
    api = StubResponseSerializer(required=False)
    messages = DisplayedMessageSerializer(many=True)
    state = serializers.CharField(allow_null=True)


class ConversationTestSerializer(RowSerializer):
    """A conversation and the answers that are right.

    It is held on the messenger ``provider`` and begins in the ``state`` of that name, null for none.
    """

    provider = serializers.ChoiceField(choices=())
    steps = StepSerializer(many=True)

    class Meta:
        model = ConversationTest
        fields = [*ROW, "name", "provider", "state", "steps"]

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["provider"].choices = list(providers())
        return fields


class TestRunQuery(Filters):
    """Which tests are run: all of the bot's, or ``test``, by its id."""

    LOOKUPS = {"test": "pk"}

    test = serializers.UUIDField(required=False)


class ResultSerializer(serializers.Serializer):
    """What became of one test: the ``diff`` (unified) of the right answers and those given, or why it was not run."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    passed = serializers.BooleanField()
    diff = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)


class TestRunSerializer(serializers.Serializer):
    """What became of all tests of a bot."""

    passed = serializers.BooleanField()
    failed = serializers.IntegerField()
    tests = ResultSerializer(many=True)


def shown(results: list[Result]) -> Mapping[str, Json]:
    """Return results as `TestRunSerializer` shows them."""
    failed = sum(not result.passed for result in results)
    tests = [
        {
            "id": result.test.pk,
            "name": result.test.name,
            "passed": result.passed,
            "diff": result.diff,
            "problem": result.problem,
        }
        for result in results
    ]
    return {"passed": not failed, "failed": failed, "tests": tests}
