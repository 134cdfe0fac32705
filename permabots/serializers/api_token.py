"""API tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from permabots.models import ApiToken, Bot
from permabots.models.api_token import Scope
from permabots.pipeline.authoring.api_tokens import MAX_GRACE
from permabots.serializers.base import RejectUnknownFields, RowSerializer
from permabots.serializers.configuration import ROW

MOST_BOTS = 200


class ChosenBots(serializers.ManyRelatedField):
    """A list of bots, and no other JSON that can be walked through: an object would be read as its names."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the bots.

        Raises:
            ValidationError: it is no list, or names a bot that the caller does not have.
        """
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > MOST_BOTS:  # each is looked up
            raise serializers.ValidationError([f"A token names at most {MOST_BOTS} bots. Use all_bots for more."])
        return super().to_internal_value(data)


class ApiTokenSerializer(RowSerializer):
    """An API token: for ``all_bots`` of the caller, or for the ``bots`` that it names. Its key is shown once."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False)
    bots = ChosenBots(child_relation=serializers.PrimaryKeyRelatedField(queryset=Bot.objects.none()), required=False)

    class Meta:
        model = ApiToken
        fields = [
            *ROW,
            *("name", "key_prefix", "scopes", "all_bots", "bots"),
            *("expires_at", "last_used_at", "revoked_at", "previous_key_expires_at"),
        ]
        read_only_fields = ["key_prefix", "last_used_at", "revoked_at", "previous_key_expires_at"]

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields; a body may name the caller's own bots."""
        fields: dict[str, Any] = super().get_fields()
        if (request := self.context.get("request")) is not None:
            fields["bots"].child_relation.queryset = Bot.objects.filter(owner=request.user.pk)
        return fields


class NewApiTokenSerializer(ApiTokenSerializer):
    """An API token with its key, which is shown this once."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "key"]


class RotationSerializer(RejectUnknownFields, serializers.Serializer):
    """A rotation: for how many seconds the replaced key goes on working, 0 by default."""

    grace_seconds = serializers.IntegerField(min_value=0, max_value=MAX_GRACE, default=0)
