"""Secrets in the REST API: written as they are, answered as masks.

A client that sends back what it was answered changes nothing: the mask of the stored secret stands for that secret. Any
other mask is refused, so that no mask is ever stored as if it were a secret.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from permabots.conf import get_config
from permabots.security.masks import is_mask, masked

MASK = "This is the mask of a secret. Send the secret itself, or leave the field out."
ABOUT = "Answered as a mask. The mask of the stored secret, sent back, keeps it."


def shown_secret(secret: str) -> str:
    """Return a secret as the API answers it, "" for none."""
    return secret if get_config().api_shows_secrets or not secret else masked(secret)


def is_kept(value: Any, stored: str) -> bool:
    """Return whether a client sent the mask of the stored secret: then the secret stays as it is.

    Args:
        value: what it sent.
        stored: the secret that the row has, "" for none.

    Raises:
        ValidationError: it sent another mask.
    """
    if not is_mask(value):
        return False
    if not stored or value != masked(stored):
        raise ValidationError(MASK)
    return True


class SecretField(serializers.CharField):
    """A column of credentials that is a secret."""

    def to_internal_value(self, data: Any) -> str:
        value: str = super().to_internal_value(data)
        if is_mask(value) and is_kept(value, self._stored()):
            raise serializers.SkipField
        return value

    def to_representation(self, value: Any) -> str:
        return shown_secret(str(value))

    def _stored(self) -> str:
        row = getattr(self.parent, "instance", None)
        return "" if row is None else getattr(row, str(self.source))
