"""Conversation tests, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from permabots.messages import Json
from permabots.models import ConversationTest
from permabots.models.registry import providers
from permabots.pipeline.conversation_tests import Result
from permabots.serializers.base import RowSerializer
from permabots.serializers.configuration import ROW


class ConversationTestSerializer(RowSerializer):
    """A conversation and the answers that are right.

    It is held on the messenger ``provider`` and begins in the ``state`` of that name, null for none. A step has
    ``said`` or ``pressed``, the answer ``api`` where the author's API is asked (``status`` and ``data``), and what is
    right: ``messages`` (``text``, ``buttons``) and the name of the ``state`` afterwards, null for none.
    """

    provider = serializers.ChoiceField(choices=())
    steps = serializers.ListField(
        child=serializers.DictField(), validators=ConversationTest._meta.get_field("steps").validators
    )

    class Meta:
        model = ConversationTest
        fields = [*ROW, "name", "provider", "state", "steps"]

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["provider"].choices = list(providers())
        return fields


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
