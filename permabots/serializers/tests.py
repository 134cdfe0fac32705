"""Conversation tests and their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from permabots.models import ConversationTest
from permabots.pipeline.authoring.conversation_tests import Result
from permabots.serializers.base import OnlyKnownFields, ProviderField, RowSerializer
from permabots.serializers.configuration import ROW
from permabots.serializers.observing_queries import Filters
from permabots.serializers.observing_simulation import CannedSerializer
from permabots.values import Json


def _text(**options: Any) -> serializers.CharField:
    """Return a field for a text that is taken as it is."""
    return serializers.CharField(allow_blank=True, trim_whitespace=False, **options)


class SeenButtonSerializer(OnlyKnownFields, serializers.Serializer):
    """A button: its ``data``, or the ``url`` that it opens."""

    label = _text()  # type: ignore[assignment] # the metaclass takes them out
    data = _text(required=False)  # type: ignore[assignment] # as above
    url = _text(required=False)


class SeenMessageSerializer(OnlyKnownFields, serializers.Serializer):
    """An expected message: a text as the messenger gets it, and rows of buttons."""

    text = _text()
    buttons = serializers.ListField(child=serializers.ListField(child=SeenButtonSerializer()), required=False)


class StepSerializer(OnlyKnownFields, serializers.Serializer):
    """A step: a text that is ``said`` or a button ``pressed`` (one of the two), the API's answer, the right messages.

    ``api`` is left out where the API is not called; ``state`` is the name of the state afterwards, null for none.
    """

    said = _text(required=False)
    pressed = _text(required=False)
    api = CannedSerializer(required=False)
    messages = SeenMessageSerializer(many=True)
    state = serializers.CharField(allow_null=True)


class ConversationTestSerializer(RowSerializer):
    """A conversation and the answers that are right.

    It is held on the messenger ``provider`` and begins in the ``state`` of that name, null for none.
    """

    provider = ProviderField()
    steps = StepSerializer(many=True)

    class Meta:
        model = ConversationTest
        fields = [*ROW, "name", "provider", "state", "steps"]


class TestRunQuery(Filters):
    """Which tests are run: all of the bot's, or ``test``, by its id."""

    LOOKUPS = {"test": "pk"}

    test = serializers.UUIDField(required=False)


class ResultSerializer(serializers.Serializer):
    """The result of one test: the unified ``diff`` of right and given answers, or the ``problem`` that stopped it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    passed = serializers.BooleanField()
    diff = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)


class TestRunSerializer(serializers.Serializer):
    """The results of a run of tests."""

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
