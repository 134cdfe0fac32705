"""Base classes of the tables."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from copy import deepcopy
from typing import Any, ClassVar, Self

from django.db import models


class MachineColumns(models.Model):
    """A row with machine columns: columns that only permabots writes, and that `save` of a stored row never writes.

    Django's `save` writes all columns with the values that were read before. For a machine column such a value may be
    out of date: another worker may have the lease by now, the revision may be higher. So machine columns are written
    by conditional updates of querysets only.

    Attributes:
        MACHINE: the names of the machine columns.
    """

    MACHINE: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; for a stored row, without the machine columns.

        Raises:
            ValueError: ``update_fields`` names a machine column.
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
    """A row that people configure, with a UUID as its id and with dates.

    `save` writes only the columns whose values were changed since the row was read. So it does not overwrite what
    another process has written to other columns meanwhile. A column that was saved once is written by each further
    save, since the first one may have been rolled back. To write any other column, name it in ``update_fields``.

    Attributes:
        id: a UUID: never reused, safe in a URL.
        created_at: the time when the row was created.
        updated_at: the time when the row was last saved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["created_at", "id"]

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make a row from values that were read, and remember them. Newer versions of Django pass more ``options``."""
        row = super().from_db(db, field_names, values, **options)
        row._remember(field_names)
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; for a stored row, only the columns that were changed since it was read."""
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
        """Read the row again, or some of its columns, and remember the values."""
        read = set(fields or [])
        super().refresh_from_db(using, list(read) or None, from_queryset)
        names = [it.attname for it in self._meta.concrete_fields if not fields or read & {it.name, it.attname}]
        self._remember([name for name in names if name in self.__dict__])

    def _remember(self, names: Iterable[str]) -> None:
        """Remember the present values of columns; lists and dicts as copies, since they may be changed in place."""
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
        value = vars(self).get(field.attname)  # a secret as it was read: no decryption
        if field.is_relation and value is None and field.is_cached(self):
            # The related row was assigned before it was saved: Django sets the key when this row is saved.
            value = getattr(getattr(self, field.name), field.target_field.attname, None)
        return bool(value != stored[field.attname])


class ProviderManager(models.Manager[Any]):
    """A manager for the rows of one provider: it filters queries by the provider, and sets it on new rows."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(provider=self.model.PROVIDER)

    def create(self, **values: Any) -> Any:
        return super().create(**{"provider": self.model.PROVIDER, **values})

    def get_or_create(self, defaults: Any = None, **values: Any) -> Any:
        return super().get_or_create(defaults, **{"provider": self.model.PROVIDER, **values})


class ProviderProxy(models.Model):
    """Base of the documented per-provider names: the same table, the rows of one provider.

    A subclass names its provider in `PROVIDER`; its table has a column ``provider``.
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
