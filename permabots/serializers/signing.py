"""The secret with which a bot signs its requests."""

from __future__ import annotations

from rest_framework import serializers

from permabots.models import SigningSecret
from permabots.serializers.base import UtcModelSerializer

MASK = "********"


class SigningSecretSerializer(UtcModelSerializer):
    """A signing secret. It is in the answer that made it, and nowhere else: a mask stands for it."""

    secret = serializers.SerializerMethodField(help_text="The secret where it was just made, else a mask.")
    rotating = serializers.SerializerMethodField(help_text="Whether the secret before signs each request, too.")

    class Meta:
        model = SigningSecret
        fields = ["secret", "rotating", "created_at", "updated_at"]

    def get_secret(self, row: SigningSecret) -> str:
        return row.current_secret if self.context.get("reveal") else MASK

    def get_rotating(self, row: SigningSecret) -> bool:
        return bool(row.previous_secret)
