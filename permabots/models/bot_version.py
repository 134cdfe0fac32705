"""Versions of bots: what each change of a configuration changed, so that it can be taken back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from permabots.models.base import MachineColumns
from permabots.models.encrypted import EncryptedCharField

LONGEST = 10_000_000
"""Characters of a bot, as JSON."""


class BotVersion(MachineColumns):
    """What one transaction changed in a bot's configuration, by whatever road.

    The newest version of a bot has the whole bot, too. Both are encrypted: a variable may hold a secret that nobody
    calls one. The values of those that are called secret are in neither.

    Attributes:
        bot: the bot.
        number: counts the versions of a bot, from 1.
        at: when.
        revision: the bot's revision then.
        source: from where: see `permabots.origin.Source`.
        user: the name of the user who did it, "" for nobody.
        credential: what the user showed to the API, without anything secret; or the name of a command.
        changes: what was changed, as JSON of `permabots.pipeline.authoring.documents.changes`.
        document: the bot as it is since then, as JSON; "" in all versions but the newest.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveBigIntegerField()
    source = models.CharField(max_length=20)
    user = models.CharField(max_length=200, blank=True, default="")
    credential = models.CharField(max_length=200, blank=True, default="")
    changes = EncryptedCharField(max_length=LONGEST)
    document = EncryptedCharField(max_length=LONGEST, blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["bot", "number"], name="permabots_bot_version")]

    def __str__(self) -> str:
        return f"{self.bot_id} {self.number}"
