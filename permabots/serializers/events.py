"""The events of a bot, and the filters of their list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from rest_framework import serializers

from permabots.models import BotEvent
from permabots.origin import Source
from permabots.serializers.base import UtcModelSerializer
from permabots.serializers.observing_queries import DateTimeParameter, Filters, PageQuery


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


class EventLineSerializer(EventSerializer):
    """A line of the export: an event, and the bot that it is of."""

    bot = serializers.UUIDField(source="bot_id")

    class Meta(EventSerializer.Meta):
        fields = ["bot", *EventSerializer.Meta.fields]


def event_lines(events: Iterable[BotEvent]) -> Iterator[str]:
    """Yield events as lines of the export, those of the command and of the REST API alike.

    Args:
        events: the rows; they are read as they are written.
    """
    serializer = EventLineSerializer()  # one for all: making it costs more than using it
    for event in events:
        yield json.dumps(serializer.to_representation(event)) + "\n"


class EventFilters(Filters):
    """Filters of events: who, from where, what, which object; at or after ``since``, before ``until``."""

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


class EventQuery(EventFilters, PageQuery):
    """Filters and page of events."""


class EventExportQuery(EventFilters):
    """Filters of events, and after which one to go on."""

    LOOKUPS = {**EventFilters.LOOKUPS, "after": "pk__gt"}

    after = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        required=False,
        help_text="The ``id`` of the last event known.",
    )
