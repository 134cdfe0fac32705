"""`Bot.revision`: it grows in the same transaction as any change of the bot's configuration, which is an event, too.

`ConfigurationModel.BOT_PATHS` says how a row's bot is found. Receivers of signals cover save, delete and many-to-many
changes; `ConfigurationQuerySet` covers the bulk changes, which send no signals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.db import models, router, transaction
from django.db.models.signals import m2m_changed, post_save, pre_delete

from permabots.models.base import PermabotsModel
from permabots.models.bot_event import BotEvent, record
from permabots.models.recorded import columns_written

Row = TypeVar("Row", bound=models.Model)
Action = BotEvent.Action


def raise_revision(bots: Iterable[Any], using: str | None = None) -> None:
    """Raise the revision of bots.

    Args:
        bots: the bots' ids; None among them is ignored.
        using: the database alias.
    """
    ids = {bot for bot in bots if bot is not None}
    if ids:
        bot_model = apps.get_model("permabots", "Bot")
        bot_model._base_manager.using(using).filter(pk__in=ids).update(revision=models.F("revision") + 1)


def bots_of(rows: models.QuerySet[Any, Any]) -> set[Any]:
    """Return the ids of the bots that configuration rows belong to; None for rows without a bot.

    Args:
        rows: rows of one configuration table.
    """
    paths: tuple[str, ...] = rows.model.BOT_PATHS
    return {bot for ids in rows.order_by().values_list(*paths).distinct() for bot in ids}


class ConfigurationQuerySet(models.QuerySet[Row]):
    """A queryset whose bulk changes raise the revision of the rows' bots."""

    def update(self, **values: Any) -> int:
        """Update the rows; a row moved to another bot raises the revision of both."""
        self._for_write = True
        with transaction.atomic(using=self.db):
            before = bots_of(self.all())
            changed = super().update(**values)
            moved = values.get("bot", values.get("bot_id"))
            bots = {*before, getattr(moved, "pk", moved)}
            raise_revision(bots, self.db)
            record(bots, Action.CHANGED, self.model, values, self.db)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows, and raise the revision of each bot once."""
        self._for_write = True
        with transaction.atomic(using=self.db):
            bots = bots_of(self.all())
            raise_revision(bots, self.db)
            record(bots, Action.DELETED, self.model, (), self.db)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Insert the rows in few statements, and raise their bots' revisions. (`bulk_update` calls `update`.)"""
        self._for_write = True
        with transaction.atomic(using=self.db):
            rows = super().bulk_create(objs, *args, **kwargs)
            bots = bots_of(self.model._base_manager.using(self.db).filter(pk__in=[row.pk for row in rows]))
            raise_revision(bots, self.db)
            record(bots, Action.CREATED, self.model, (), self.db)
        return rows


class ConfigurationModel(PermabotsModel):
    """A row that is part of a bot's configuration.

    Attributes:
        BOT_PATHS: the look-ups from this row to its bot's id.
    """

    BOT_PATHS: ClassVar[tuple[str, ...]] = ("bot",)

    objects: ClassVar[models.Manager[Any]] = ConfigurationQuerySet.as_manager()

    class Meta(PermabotsModel.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and raise its bot's revision, in one transaction."""
        with transaction.atomic(using=kwargs.get("using") or router.db_for_write(type(self), instance=self)):
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row and raise its bot's revision, in one transaction."""
        with transaction.atomic(using=kwargs.get("using") or router.db_for_write(type(self), instance=self)):
            return super().delete(*args, **kwargs)


def _changed(row: Any, action: Action, written: Iterable[str], using: str) -> None:
    """Raise the revision of a row's bots, and record what was done to the row."""
    bots = bots_of(type(row)._base_manager.using(using).filter(pk=row.pk))
    raise_revision(bots, using)
    record(bots, action, row, written, using)


def _saved(instance: Any, created: bool, using: str, update_fields: Any = None, **_: Any) -> None:
    action = Action.CREATED if created else Action.CHANGED
    _changed(instance, action, columns_written(instance, update_fields), using)


def _deleted(instance: Any, using: str, origin: Any = None, **_: Any) -> None:
    """Raise the revision once per deletion: for the row that was deleted, not for the rows of the cascade."""
    if origin is instance:
        _changed(instance, Action.DELETED, (), using)


def _linked(sender: Any, instance: Any, action: str, using: str, **_: Any) -> None:
    if isinstance(instance, ConfigurationModel) and action in {"post_add", "post_remove", "post_clear"}:
        related: Any = (*instance._meta.many_to_many, *instance._meta.related_objects)
        _changed(instance, Action.CHANGED, [it.name for it in related if _through(it) is sender], using)


def _through(relation: Any) -> Any:
    """Return the table of a many-to-many relation, seen from either side; None for another relation."""
    return getattr(getattr(relation, "remote_field", None), "through", getattr(relation, "through", None))


def watch(table: type[models.Model]) -> None:
    """Connect the signals of a table to the revision, if it is a `ConfigurationModel`. The app calls it for each table.

    Each receiver names its sender: for a receiver without one, Django would read each row of every table of the project
    before it deletes the row.

    Args:
        table: any model.
    """
    if not issubclass(table, ConfigurationModel):
        return
    post_save.connect(_saved, sender=table, dispatch_uid="permabots.revision.save")
    pre_delete.connect(_deleted, sender=table, dispatch_uid="permabots.revision.delete")
    for field in table._meta.local_many_to_many:
        through: Any = field.remote_field
        m2m_changed.connect(_linked, sender=through.through, dispatch_uid="permabots.revision.m2m")
