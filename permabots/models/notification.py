"""What the user's own system has to say."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db import connections, models

from permabots.models.base import MachineColumns, PermabotsModel
from permabots.models.conversation import QueueQuerySet
from permabots.models.fields import ProvidedText
from permabots.models.hook import Hook

NOTE_AGAIN = 3600.0
"""Seconds after which a process notes again that a button was sent."""
NOTED = 10_000
"""Buttons that a process remembers to have noted."""


class Notification(MachineColumns):
    """One message for a hook's recipients, stored before its POST is answered. Or one that code sends by itself.

    Attributes:
        bot: whose it is.
        hook: what was posted to; None for a message sent by code.
        data: the posted JSON.
        idempotency_key: the caller's; unique in the hook, None where none was given.
        fingerprint: of what was posted; the same key with another one is refused.
        recipients: the ids of those who are told; None for all of the hook's.
        untold: the ids of those among them whose own text could not be rendered.
        status: pending until every recipient has an outgoing row.
        cursor: the last recipient that has one; None before the first.
        total: recipients accepted.
        attempts: fan-outs begun.
        lease_token: the token of the worker that is fanning out, None when nobody is.
        lease_expires_at: when that lease runs out, by the database's clock.
        not_before: nobody goes on before; None for now.
        last_woken_at: when a sweep last woke who goes on, None since somebody has.
        error: why it is parked.
        trace: what was rendered.
        created_at: when it was stored.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"

    MACHINE = frozenset(
        {
            "status",
            "cursor",
            "total",
            "attempts",
            "lease_token",
            "lease_expires_at",
            "not_before",
            "last_woken_at",
            "error",
            "trace",
        }
        | {"fingerprint", "recipients", "untold"}
    )
    UNFINISHED = (Status.PENDING,)

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="notifications")
    hook = models.ForeignKey(Hook, models.CASCADE, null=True, blank=True, related_name="notifications")
    data = models.JSONField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    recipients = models.JSONField(null=True, blank=True, editable=False)
    untold = models.JSONField(default=list, blank=True, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    cursor = models.UUIDField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)
    last_woken_at = models.DateTimeField(null=True, editable=False)
    error = ProvidedText(blank=True, default="")
    trace = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["hook", "idempotency_key"], name="permabots_notification_once"),
        ]
        indexes = [
            models.Index(fields=["status"], name="permabots_notify_pending", condition=models.Q(status="pending")),
        ]

    def __str__(self) -> str:
        return f"notification {self.pk} ({self.status})"


class CallbackDataQuerySet(models.QuerySet[Any]):
    """Keeps button data, and when it was last sent: what was not sent for long is deleted some day."""

    _noted: ClassVar[dict[tuple[UUID, str], float]] = {}

    def keep(self, bot_id: UUID, data: Mapping[str, str]) -> None:
        """Store the data of buttons, in one statement.

        A token is made of the data: where it is there already, it stands for the same. That it was sent again is noted
        once an hour by each process, since writing the row holds up who sends the same button at that moment.

        Args:
            bot_id: whose buttons they are.
            data: token -> what it stands for.
        """
        rows: Any = [CallbackData(bot_id=bot_id, token=token, data=data[token]) for token in sorted(data)]
        now = time.monotonic()
        if all(self._noted.get((bot_id, token), now) > now for token in data):
            self.bulk_create(rows, ignore_conflicts=True)
            return
        names_target = connections[self.db].features.supports_update_conflicts_with_target
        unique = ["bot", "token"] if names_target else None
        self.bulk_create(rows, update_conflicts=True, update_fields=["updated_at"], unique_fields=unique)
        if len(self._noted) > NOTED:
            self._noted.clear()
        self._noted.update({(bot_id, token): now + NOTE_AGAIN for token in data})


class CallbackData(PermabotsModel):
    """A button's data, kept because it is longer than the provider takes.

    Attributes:
        bot: whose button it is.
        token: what the provider was given instead; unique in the bot.
        data: what the button stands for.
        updated_at: when it was last sent, up to an hour earlier.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="callback_data")
    token = models.CharField(max_length=64)
    data = models.TextField()

    objects = CallbackDataQuerySet.as_manager()

    class Meta(PermabotsModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "token"], name="permabots_callback_token")]
        verbose_name_plural = "callback data"

    def __str__(self) -> str:
        return self.token
