"""The events of a bot, and the filters of their list."""

from __future__ import annotations

from rest_framework import serializers

from permabots.models import BotEvent
from permabots.origin import Source
from permabots.serializers.base import UtcModelSerializer
from permabots.serializers.observing_queries import DateTimeParameter, PageQuery


class EventSerializer(UtcModelSerializer):
    """What was done to a bot: by whom, from where, to which object."""

    fields_written = serializers.JSONField(source="fields", help_text="The names of the columns that were written.")
    values_written = serializers.JSONField(source="values", help_text="The values of those that cannot be secret.")

    class Meta:
        model = BotEvent
        fields = [
            *("id", "at", "source", "user_id", "user", "credential", "action", "kind", "object_id", "name"),
            *("fields_written", "values_written"),
        ]


class EventQuery(PageQuery):
    """Page of events, and filters: who, from where, what, which object; at or after ``since``, before ``until``."""

    LOOKUPS = {
        "source": "source",
        "action": "action",
        "kind": "kind",
        "object": "object_id",
        "user": "user",
        "since": "at__gte",
        "until": "at__lt",
    }

    source = serializers.ChoiceField(choices=[str(it) for it in Source], required=False)  # type: ignore[assignment] # the metaclass takes it out
    action = serializers.ChoiceField(choices=BotEvent.Action.choices, required=False)
    kind = serializers.CharField(required=False)
    object = serializers.CharField(required=False)
    user = serializers.CharField(required=False, allow_blank=True)
    since = DateTimeParameter(required=False)
    until = DateTimeParameter(required=False)
