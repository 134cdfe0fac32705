"""Columns for what a provider says: whatever it is, it can be stored.

A provider keeps no rule of ours: an id may be longer than its column, a name may hold NUL or half a surrogate pair. A
database refuses that, and what it refuses is sent or delivered again and again. So these columns make a value fit
wherever it is written or looked for, whoever does so.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models

from permabots.values import storable


class Provided(models.Field):
    """A column whose values are made storable on their way to the database."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return self.fitting(str(storable(value))) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Show the row what is stored: the provider's id is compared with it later."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.get_prep_value(value)
            setattr(model_instance, self.attname, value)
        return value

    def fitting(self, value: str) -> str:
        """Return a value as the column takes it."""
        return value


class ProvidedText(Provided, models.TextField):
    """Text from a provider, of any length."""


class ProvidedName(Provided, models.CharField):
    """Text from a provider that is for people: what is too long is cut."""

    def fitting(self, value: str) -> str:
        return value[: self.max_length]


class ProvidedId(Provided, models.CharField):
    """An id from a provider: of one that is too long the end is replaced by a digest, so that two ids stay two."""

    def fitting(self, value: str) -> str:
        if self.max_length is None or len(value) <= self.max_length:
            return value
        digest = hashlib.sha256(value.encode()).hexdigest()
        return f"{value[: self.max_length - len(digest) - 1]}~{digest}"
