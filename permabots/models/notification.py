"""What the user's own system has to say."""

from __future__ import annotations

from django.db import models

from permabots.models.base import MachineColumns, PermabotsModel
from permabots.models.conversation import QueueQuerySet
from permabots.models.fields import ProvidedText
from permabots.models.hook import Hook


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
        owner: the token of the worker that is fanning out, None when nobody is.
        until: when that lease runs out, by the database's clock.
        due: nobody goes on before; None for now.
        nudged: when a sweep last woke who goes on, None since somebody has.
        error: why it is parked.
        trace: what was rendered.
        created_at: when it was stored.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"

    MACHINE = frozenset(
        {"status", "cursor", "total", "attempts", "owner", "until", "due", "nudged", "error", "trace"}
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
    owner = models.UUIDField(null=True, editable=False)
    until = models.DateTimeField(null=True, editable=False)
    due = models.DateTimeField(null=True, editable=False)
    nudged = models.DateTimeField(null=True, editable=False)
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


class CallbackData(PermabotsModel):
    """A button's data, kept because it is longer than the provider takes.

    Attributes:
        bot: whose button it is.
        token: what the provider was given instead; unique in the bot.
        data: what the button stands for.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="callback_data")
    token = models.CharField(max_length=64)
    data = models.TextField()

    class Meta(PermabotsModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "token"], name="permabots_callback_token")]
        verbose_name_plural = "callback data"

    def __str__(self) -> str:
        return self.token
