"""What was done to bots: one table of events, written with each change and never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.dispatch import Signal
from django.utils import timezone

from permabots import origin
from permabots.models.base import MachineColumns

bots_recorded = Signal()
"""Sent with an event, in its transaction: ``bots`` (ids), ``kind`` (the table of the object) and ``using``."""
MAX_NAME = 200
_PLAIN = (models.BooleanField, models.IntegerField)
"""Columns whose values an event has. Any other may hold what its author keeps secret, in a template or an address."""
_NOT_TOLD = frozenset({"id", "updated_at", "revision", "signs_requests"})
"""Columns that permabots writes with a change. ``created_at`` is none: handlers of one priority are ordered by it."""


class BotEvent(MachineColumns):
    """One change of a bot's configuration or accounts. It has no secret, and no text that an author wrote but names.

    A row is written in the transaction of the change, and stays when its bot is deleted.

    Attributes:
        at: when.
        bot: the bot; a deleted one has no row any more.
        source: from where: see `permabots.origin.Source`.
        user_id: the id of the user who did it, as text; "" for nobody.
        user: that user's name.
        credential: what the user showed to the API, without anything secret; or the name of a command.
        action: what was done: see `Action`.
        kind: the table of the object, as ``handler``.
        object_id: the object's row, as text; "" for several at once.
        name: what the object is called, "" where it has no name.
        fields: the names of the columns that were written.
        values: the values of those that are numbers, true or false.
    """

    class Action(models.TextChoices):
        """What was done to an object."""

        CREATED = "created"
        CHANGED = "changed"
        DELETED = "deleted"
        CONNECTED = "connected"
        DISCONNECTED = "disconnected"

    at = models.DateTimeField(default=timezone.now)
    bot = models.ForeignKey("permabots.Bot", models.DO_NOTHING, db_constraint=False, related_name="events")
    source = models.CharField(max_length=20)
    user_id = models.CharField(max_length=64, blank=True, default="")
    user = models.CharField(max_length=MAX_NAME, blank=True, default="")
    credential = models.CharField(max_length=MAX_NAME, blank=True, default="")
    action = models.CharField(max_length=20, choices=Action)
    kind = models.CharField(max_length=50)
    object_id = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=MAX_NAME, blank=True, default="")
    fields = models.JSONField(default=list)
    values = models.JSONField(default=dict)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["bot", "-id"], name="permabots_event_bot"),
            models.Index(fields=["at"], name="permabots_event_at"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the event.

        Raises:
            ValueError: it is stored already: an event is never changed.
        """
        if not self._state.adding:
            raise ValueError("an event is never changed")
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.object_id} {self.action}"


def record(
    bots: Iterable[Any],
    action: BotEvent.Action,
    row: models.Model | type[models.Model],
    written: Mapping[str, Any] | Iterable[str] = (),
    using: str | None = None,
) -> None:
    """Write an event of each bot, in the transaction under way.

    Args:
        bots: the bots' ids; None among them is ignored.
        action: what is done.
        row: the object; its table where several rows are changed at once.
        written: the names of the columns that are written; with their values where several rows get the same.
        using: the database alias.
    """
    ids = {bot for bot in bots if bot is not None}
    if not ids:
        return
    who = origin.current()
    given = row if isinstance(row, type) else type(row)
    table: Any = given._meta.concrete_model  # of a proxy, the table itself
    changed = action == BotEvent.Action.CHANGED
    names = sorted(name for name in written if name not in _NOT_TOLD) if changed else []
    if changed and not names:
        return
    one = None if isinstance(row, type) else row
    events: Any = apps.get_model("permabots", "BotEvent")
    events._base_manager.using(using).bulk_create(
        events(
            bot_id=bot,
            source=who.source,
            user_id=who.user_id[:64],
            user=who.user[:MAX_NAME],
            credential=who.credential[:MAX_NAME],
            action=action,
            kind=table._meta.model_name,
            object_id="" if one is None else str(one.pk),
            name="" if one is None else _name(one),
            fields=names,
            values=_values(table, names, written if isinstance(written, Mapping) else one),
        )
        for bot in sorted(ids, key=str)
    )
    bots_recorded.send(events, bots=ids, kind=table, using=using)


def _name(row: models.Model) -> str:
    """Return what an object is called: a name of its own, the key of a variable or parameter; "" for none."""
    for column in ("name", "key"):
        if column == "key" and row._meta.model_name == "hook":
            break  # a hook's key is its address
        if isinstance(text := getattr(row, column, None), str):
            return text[:MAX_NAME]
    return ""


def _values(table: type[models.Model], names: list[str], source: Any) -> dict[str, Any]:
    """Return the values of the plain ones among columns."""
    plain = {field.name for field in table._meta.concrete_fields if isinstance(field, _PLAIN)}
    found = {
        name: source[name] if isinstance(source, Mapping) else getattr(source, name, None)
        for name in names
        if name in plain
    }
    return {name: value for name, value in found.items() if isinstance(value, bool | int)}
