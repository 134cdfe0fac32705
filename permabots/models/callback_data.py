"""Button data that is too long for its provider: a token travels in its place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db import connections, models

from permabots.models.base import PermabotsModel

NOTE_AGAIN = 3600.0
"""Seconds after which a process notes again that a button was sent."""
NOTED = 10_000
"""Buttons whose last note a process remembers."""


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
