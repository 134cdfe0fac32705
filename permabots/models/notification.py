"""Notifications, and the stored data of buttons."""

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
"""Buttons whose last note a process remembers."""


class Notification(MachineColumns):
    """One post to a hook, stored before the post is answered. Or one message that code sends outside of a turn.

    Attributes:
        bot: the bot.
        hook: the hook that was posted to; None for a message sent by code.
        data: the posted JSON.
        idempotency_key: the key that the caller sent; unique in the hook, None where the caller sent none.
        fingerprint: a digest of the post; a post with the same key and another digest is refused.
        recipients: the ids of the recipients; None for all recipients of the hook.
        failed_recipients: the ids of the recipients whose own text could not be rendered.
        status: pending until each recipient has an outgoing message.
        cursor: the last recipient that has an outgoing message; None before the first.
        total: the number of recipients when the post was accepted.
        attempts: fan-outs begun.
        lease_token: the token of the worker that fans out; None while no worker does.
        lease_expires_at: the time when that lease runs out, by the database's clock.
        not_before: the fan-out does not go on before this time; None for now.
        last_woken_at: the time when a sweep last published the fan-out; None after a worker has gone on.
        error: why the notification is parked.
        trace: the trace of the rendering.
        created_at: the time when it was stored.
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
        | {"fingerprint", "recipients", "failed_recipients"}
    )
    UNFINISHED = (Status.PENDING,)

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="notifications")
    hook = models.ForeignKey(Hook, models.CASCADE, null=True, blank=True, related_name="notifications")
    data = models.JSONField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    recipients = models.JSONField(null=True, blank=True, editable=False)
    failed_recipients = models.JSONField(default=list, blank=True, editable=False)
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
    """Stores button data with the time when a button was last sent: a purge deletes data that was not sent for long."""

    _noted: ClassVar[dict[tuple[UUID, str], float]] = {}

    def keep(self, bot_id: UUID, data: Mapping[str, str]) -> None:
        """Store the data of buttons, in one statement.

        A token is computed from the data, so an existing token has the same data. Each process updates a row's time
        once an hour only, since the update locks the row against other processes that send the same button.

        Args:
            bot_id: the bot.
            data: the data by token.
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
    """A button's data, stored because it is too long for the provider.

    Attributes:
        bot: the bot.
        token: the token that the provider gets in place of the data; unique in the bot.
        data: the button's data.
        updated_at: the time when the button was last sent, or up to an hour earlier.
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
