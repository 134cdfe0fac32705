"""Versions of a bot."""

from __future__ import annotations

from typing import Any

from permabots.exceptions import SecretUnreadable
from permabots.models import BotVersion
from permabots.pipeline.authoring.versions import changes_of
from permabots.serializers.base import UtcModelSerializer
from permabots.serializers.document import ChangeSerializer, shown


class VersionSerializer(UtcModelSerializer):
    """What one transaction changed in a bot, and who made it; null where that cannot be decrypted any more."""

    changes = ChangeSerializer(many=True, source="told", allow_null=True)

    class Meta:
        model = BotVersion
        fields = ["number", "at", "revision", "source", "user", "credential", "changes"]

    def to_representation(self, instance: Any) -> Any:
        """Return the version with its changes as an import would tell them."""
        try:
            instance.told = shown(changes_of(instance))["changes"]
        except SecretUnreadable:
            instance.told = None
        return super().to_representation(instance)
