"""Conversation tests, and their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from permabots.models import ConversationTest
from permabots.pipeline.authoring.conversation_tests import Result
from permabots.serializers.base import ProviderField, RejectUnknownFields, RowSerializer
from permabots.serializers.configuration import ROW
from permabots.serializers.observing_queries import Filters
from permabots.serializers.observing_simulation import StubResponseSerializer
from permabots.values import Json


def _text(**options: Any) -> serializers.CharField:
    """Return a field for a text that is taken as it is."""
    return serializers.CharField(allow_blank=True, trim_whitespace=False, **options)


class DisplayedButtonSerializer(RejectUnknownFields, serializers.Serializer):
    """A button: its ``data``, or the ``url`` that it opens."""

    label = _text()  # type: ignore[assignment] # the metaclass takes them out
    data = _text(required=False)  # type: ignore[assignment] # as above
    url = _text(required=False)


class DisplayedMessageSerializer(RejectUnknownFields, serializers.Serializer):
    """An expected message: its text as the messenger gets it, and rows of buttons."""

    text = _text()
    buttons = serializers.ListField(child=serializers.ListField(child=DisplayedButtonSerializer()), required=False)


class StepSerializer(RejectUnknownFields, serializers.Serializer):
    """One step: the person's text (``said``) or a button's data (``pressed``), and the expected messages.

    ``api`` is the user API's response, left out where the handler makes no request; ``state`` is the name of the chat's
    state afterwards, null for none.
    """

    said = _text(required=False)
    pressed = _text(required=False)
    api = StubResponseSerializer(required=False)
    messages = DisplayedMessageSerializer(many=True)
    state = serializers.CharField(allow_null=True)


class ConversationTestSerializer(RowSerializer):
    """A recorded conversation with the expected answers.

    The conversation is on the messenger ``provider`` and begins in the ``state`` of that name, null for none.
    """

    provider = ProviderField()
    steps = StepSerializer(many=True)

    class Meta:
        model = ConversationTest
        fields = [*ROW, "name", "provider", "state", "steps"]


class TestRunQuery(Filters):
    """The tests to run: all of the bot's, or the one with the id ``test``."""

    LOOKUPS = {"test": "pk"}

    test = serializers.UUIDField(required=False)


class ResultSerializer(serializers.Serializer):
    """The result of one test: the unified ``diff`` of the expected and the given answers, or why it was not run."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    passed = serializers.BooleanField()
    diff = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True)


class TestRunSerializer(serializers.Serializer):
    """The results of all tests of a bot."""

    passed = serializers.BooleanField()
    failed = serializers.IntegerField()
    tests = ResultSerializer(many=True)


def shown(results: list[Result]) -> Mapping[str, Json]:
    """Return results in the form of `TestRunSerializer`."""
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
