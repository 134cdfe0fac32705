"""Notifications, and the stored data of buttons."""

from __future__ import annotations

from django.db import models

from permabots.models.base import MachineColumns
from permabots.models.conversation import QueueQuerySet
from permabots.models.fields import ProvidedText
from permabots.models.hook import Hook


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
        lease_expires_at: the time when that lease runs out or was given back, by the database's clock.
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
