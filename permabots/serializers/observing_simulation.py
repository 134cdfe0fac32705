"""Simulations: the answer that a bot would give to a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from permabots.engine.definitions import StateDefinition, state_key
from permabots.engine.test_steps import StubResponse
from permabots.models import OutboundMessage
from permabots.models.registry import providers
from permabots.pipeline.authoring.simulate import Question, Simulation
from permabots.serializers.base import ProviderField, RejectUnknownFields
from permabots.values import Json, Kind, storable

_NUMBER = re.compile(r"-?[0-9]{1,18}")


class StubResponseSerializer(RejectUnknownFields, serializers.Serializer):
    """The response of the user API: an HTTP status (0 for no response) and JSON."""

    status = serializers.IntegerField(default=200)
    data = serializers.JSONField(default=dict, allow_null=True)  # type: ignore[assignment] # the metaclass takes it out

    def validate_status(self, value: int) -> int:
        if value != 0 and not 200 <= value <= 599:
            raise serializers.ValidationError("An answer has a status from 200 to 599, and 0 stands for no answer.")
        return value


class QuestionSerializer(RejectUnknownFields, serializers.Serializer):
    """The message of a simulation. The serializer's context needs the ``bot``.

    ``provider`` may be named ``service``, as in templates. Unknown fields are always refused: with a misspelt
    ``response``, the user API would be called.
    """

    provider = ProviderField()
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=10_000)
    kind = serializers.ChoiceField(choices=[Kind.TEXT.value, Kind.BUTTON.value], default=Kind.TEXT.value)
    state = serializers.CharField(allow_null=True, max_length=255, default=None)
    contexts = serializers.DictField(child=serializers.DictField(), default=dict)
    chat = serializers.CharField(allow_blank=True, max_length=150, default="")
    user = serializers.CharField(allow_blank=True, max_length=150, default="")
    response = StubResponseSerializer(allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        given = getattr(self, "initial_data", None)
        if isinstance(given, Mapping) and "service" in given and "provider" not in given:
            fields["service"] = fields.pop("provider")
        elif isinstance(given, Mapping) and "service" in given:
            fields["service"] = ProviderField()
        return fields

    def validate_state(self, value: str | None) -> StateDefinition | None:
        """Return the bot's state of a name."""
        if value is None:
            return None
        state = self.context["bot"].states.filter(key=state_key(value)).first()
        if state is None:
            raise serializers.ValidationError("This bot has no state of that name.")
        definition: StateDefinition = state.definition()
        return definition

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse impossible ids, and a ``service`` that differs from the ``provider``."""
        service = attrs.pop("service", None)
        slug = attrs.get("provider", service)
        if service not in {None, slug}:
            raise serializers.ValidationError({"service": ["It is another name of provider: give one of them."]})
        attrs["provider"] = slug
        problems = {}
        if providers()[slug].integer_ids:
            wrong = [name for name in ("chat", "user") if attrs[name] and not _NUMBER.fullmatch(attrs[name])]
            problems = {name: [f"Ids of {slug} are whole numbers."] for name in wrong}
        if problems:
            raise serializers.ValidationError(problems)
        return attrs

    def question(self) -> Question:
        """Return the validated data as a `Question`."""
        asked = self.validated_data
        return Question(
            service=asked["provider"],
            text=asked["text"],
            kind=Kind(asked["kind"]),
            chat=asked["chat"],
            user=asked["user"],
            state=asked["state"],
            contexts=storable(asked["contexts"]),
            response=StubResponse(**asked["response"]) if asked["response"] is not None else None,
        )


class StateChangeSerializer(serializers.Serializer):
    """The names of the states before and after; null for none."""

    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class SimulationSerializer(serializers.Serializer):
    """The result of a simulation.

    ``handler`` has the ``id`` and ``name`` of the handler that answers, null for none. ``texts`` and ``keyboard`` are
    the answer before it is split, ``payloads`` the calls to the provider, ``contexts`` the chat's contexts afterwards.
    """

    handler = serializers.DictField(child=serializers.CharField(), allow_null=True)
    state = StateChangeSerializer()
    texts = serializers.ListField(child=serializers.CharField())
    keyboard = serializers.ListField(child=serializers.ListField(child=serializers.DictField()))
    payloads = serializers.ListField(child=serializers.DictField())
    contexts = serializers.DictField()
    trace = serializers.DictField()


def simulated(question: Question, result: Simulation) -> Mapping[str, Json]:
    """Return a simulation as `SimulationSerializer` shows it."""
    outcome = result.outcome
    before, after = question.state, outcome.next_state or question.state
    return {
        "handler": outcome.trace.get("handler"),
        "state": {"before": before and before.name, "after": after and after.name},
        "texts": list(outcome.answer.texts),
        "keyboard": [[asdict(button) for button in row] for row in outcome.answer.keyboard],
        "payloads": [
            {**OutboundMessage.stored(call), "stored_callback_data": dict(call.stored_callback_data)}
            for call in result.payloads
        ],
        "contexts": question.contexts if outcome.contexts is None else outcome.contexts,
        "trace": outcome.trace,
    }
