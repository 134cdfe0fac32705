"""What all rows have in common."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models


class PermabotsModel(models.Model):
    """A row that people configure: found by a UUID, dated.

    Attributes:
        id: never reused, safe in a URL.
        created_at: when it was made.
        updated_at: when it was last saved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["created_at", "id"]


class ProviderManager(models.Manager[Any]):
    """Rows of one provider only: filters on the way out, sets the provider on the way in."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(provider=self.model.PROVIDER)

    def create(self, **values: Any) -> Any:
        return super().create(**{"provider": self.model.PROVIDER, **values})

    def get_or_create(self, defaults: Any = None, **values: Any) -> Any:
        return super().get_or_create(defaults, **{"provider": self.model.PROVIDER, **values})


class ProviderProxy(models.Model):
    """Base of the documented per-provider names: the same table, the rows of one provider.

    A subclass names its provider in `PROVIDER`; the row it stands for has a column ``provider``.
    """

    PROVIDER: ClassVar[str]

    objects: ClassVar[Any] = ProviderManager()

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("provider", self.PROVIDER)
        super().__init__(*args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row.

        Raises:
            ValueError: the row belongs to another provider.
        """
        provider: str = getattr(self, "provider")  # noqa: B009 - the column is the concrete row's
        if provider != self.PROVIDER:
            raise ValueError(f"{type(self).__name__} is for {self.PROVIDER}, not {provider}")
        super().save(*args, **kwargs)
