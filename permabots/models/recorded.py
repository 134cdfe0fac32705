"""Rows whose changes are events of their bot, though they are not part of its compiled configuration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.db import models, router, transaction
from django.db.models.signals import post_save, pre_delete

from permabots.models.base import PermabotsModel
from permabots.models.bot_event import BotEvent, record

Action = BotEvent.Action


class RecordedModel(PermabotsModel):
    """A row whose changes are recorded in the transaction that writes it: a bot, an account, a recipient, a test."""

    class Meta(PermabotsModel.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and the event of it, in one transaction."""
        with transaction.atomic(using=kwargs.get("using") or router.db_for_write(type(self), instance=self)):
            super().save(*args, **kwargs)

    def recorded_bots(self, using: str) -> Iterable[Any]:
        """Return the ids of the bots whose events the changes of this row are.

        Args:
            using: the database alias.
        """
        return [getattr(self, "bot_id", None)]


class RecordedAccount(RecordedModel):
    """A bot's account: the bot's row names it, or, for a provider of another package, it names the bot.

    Attributes:
        SLUG: the provider's slug.
    """

    SLUG: ClassVar[str]

    class Meta(RecordedModel.Meta):
        abstract = True

    def recorded_bots(self, using: str) -> Iterable[Any]:
        bot_model = apps.get_model("permabots", "Bot")
        field: Any = bot_model._meta.get_field(f"{self.SLUG}_bot")
        if not field.concrete:
            return super().recorded_bots(using)
        return list(bot_model._base_manager.using(using).filter(**{field.name: self.pk}).values_list("pk", flat=True))


def columns_written(instance: models.Model, update_fields: Iterable[str] | None) -> Iterable[str]:
    """Return the names of the columns that a save has written."""
    return [field.name for field in instance._meta.concrete_fields] if update_fields is None else update_fields


def _saved(instance: Any, created: bool, using: str, update_fields: Any = None, **_: Any) -> None:
    action = Action.CREATED if created else Action.CHANGED
    record(instance.recorded_bots(using), action, instance, columns_written(instance, update_fields), using)


def _deleted(instance: Any, using: str, origin: Any = None, **_: Any) -> None:
    if origin is instance or instance._meta.model_name == "bot":
        record(instance.recorded_bots(using), Action.DELETED, instance, (), using)


def watch(table: type[models.Model]) -> None:
    """Connect the signals of a table to the events, if it is a `RecordedModel`. The app calls it for each table.

    Args:
        table: any model.
    """
    if issubclass(table, RecordedModel):
        post_save.connect(_saved, sender=table, dispatch_uid="permabots.event.save")
        pre_delete.connect(_deleted, sender=table, dispatch_uid="permabots.event.delete")
