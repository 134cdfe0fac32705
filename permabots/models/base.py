"""What all rows have in common."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from copy import deepcopy
from typing import Any, ClassVar, Self

from django.db import models


class MachineColumns(models.Model):
    """A row with columns that belong to permabots itself: no `save` of a row that is stored writes them.

    Whoever holds a row saves all of it, with whatever such a column was when they read it: a lease that is somebody
    else's by now, a revision that has gone on. They are written by conditional updates of querysets only.

    Attributes:
        MACHINE: their names.
    """

    MACHINE: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; of one that is stored, all but the columns in `MACHINE`.

        Raises:
            ValueError: ``update_fields`` names one of them.
        """
        if self._is_update(kwargs):
            if kwargs.get("update_fields") is None:
                kwargs["update_fields"] = self._own_columns()
            elif wrong := self.MACHINE.intersection(kwargs["update_fields"]):
                raise ValueError(f"{', '.join(sorted(wrong))}: permabots itself writes that, by update()")
        super().save(*args, **kwargs)

    def _is_update(self, options: dict[str, Any]) -> bool:
        stored = not self._state.adding and not options.get("force_insert")
        return stored and options.get("using") in {None, self._state.db}

    def _own_columns(self) -> set[str]:
        unread = self.get_deferred_fields()
        return {
            field.name
            for field in self._meta.concrete_fields
            if not field.primary_key and field.name not in self.MACHINE and field.attname not in unread
        }


class PermabotsModel(MachineColumns):
    """A row that people configure: found by a UUID, dated.

    A `save` writes what was changed on the row since it was read, and no other column: whoever holds a row for a while
    does not put back what somebody else, or permabots itself, has written meanwhile. What was saved once is written by
    each further save: the first one may have been rolled back. To write any other column, name it in ``update_fields``.

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

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make a row of what was read, and remember that. Newer versions of Django hand over more ``options``."""
        row = super().from_db(db, field_names, values, **options)
        row._remember(field_names)
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; of one that is stored, what was changed since it was read."""
        if not self._is_update(kwargs):
            super().save(*args, **kwargs)
            self._remember([field.attname for field in self._meta.concrete_fields])
            return
        if kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self._own_columns()
        written = set(kwargs["update_fields"])
        super().save(*args, **kwargs)
        stored = self.__dict__.get("_stored", {})
        for field in self._meta.concrete_fields:
            if written & {field.name, field.attname}:
                stored.pop(field.attname, None)

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Read the row again, or some of its columns, and remember what was read."""
        read = set(fields or [])
        super().refresh_from_db(using, list(read) or None, from_queryset)
        names = [it.attname for it in self._meta.concrete_fields if not fields or read & {it.name, it.attname}]
        self._remember([name for name in names if name in self.__dict__])

    def _remember(self, names: Iterable[str]) -> None:
        """Remember the values of columns as they are now. A list or an object may be changed where it is."""
        stored, now = self.__dict__.setdefault("_stored", {}), self.__dict__
        for name in names:
            value = now[name]
            stored[name] = deepcopy(value) if isinstance(value, (list, dict)) else value

    def _own_columns(self) -> set[str]:
        stored = self.__dict__.get("_stored", {})
        return {name for name in super()._own_columns() if self._is_changed(self._meta.get_field(name), stored)}

    def _is_changed(self, field: Any, stored: dict[str, Any]) -> bool:
        if source := getattr(field, "derived_from", ""):
            field = self._meta.get_field(source)
        if field.attname not in stored or getattr(field, "auto_now", False):
            return True
        value = getattr(self, field.attname)
        if field.is_relation and value is None and field.is_cached(self):
            # A row that was given before it was saved: Django takes its key when this one is saved.
            value = getattr(getattr(self, field.name), field.target_field.attname, None)
        return bool(value != stored[field.attname])


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
