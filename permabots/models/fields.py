"""Columns for values of providers, which can store any text.

A provider's id may be longer than its column, and a name may hold NUL or a lone surrogate. The database would refuse
such a value, and the message would be delivered or sent again and again. So these columns change a value that does not
fit, wherever it is written or looked up.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models

from permabots.values import storable


class Provided(models.Field):
    """A column whose values are made storable before they are written or compared."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return self.fitting(str(storable(value))) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Set the row's attribute to the stored value, so that the row can be compared with others."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.get_prep_value(value)
            setattr(model_instance, self.attname, value)
        return value

    def fitting(self, value: str) -> str:
        """Return a value in a form that fits the column."""
        return value


class ProvidedText(Provided, models.TextField):
    """Text from a provider, of any length."""


class ProvidedName(Provided, models.CharField):
    """Text from a provider that people read: a text that is too long is cut."""

    def fitting(self, value: str) -> str:
        return value[: self.max_length]


class ProvidedId(Provided, models.CharField):
    """An id from a provider: the end of an id that is too long is replaced by a digest, so that ids stay distinct."""

    def fitting(self, value: str) -> str:
        if self.max_length is None or len(value) <= self.max_length:
            return value
        digest = hashlib.sha256(value.encode()).hexdigest()
        return f"{value[: self.max_length - len(digest) - 1]}~{digest}"
