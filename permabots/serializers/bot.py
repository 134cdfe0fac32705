"""Bots."""

from __future__ import annotations

from rest_framework import serializers

from permabots.models import Bot
from permabots.serializers.base import RowSerializer
from permabots.serializers.configuration import ROW
from permabots.serializers.integration import integration_serializer, tables


class BotSerializer(RowSerializer):
    """A bot, with its account at each provider: null where it has none."""

    class Meta:
        model = Bot
        fields = [*ROW, "name", "fallback_text", "separate_topics", "worker_deaths", "last_worker_death_at"]
        read_only_fields = ["worker_deaths", "last_worker_death_at"]

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **super().get_fields(),
            **{
                name: integration_serializer(table)(read_only=True, allow_null=True) for name, table in tables().items()
            },
        }
