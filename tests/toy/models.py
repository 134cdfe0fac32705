"""The table of credentials."""

from __future__ import annotations

from django.db import models

from permabots.models.bot import Bot, IntegrationBot
from permabots.models.encrypted import EncryptedCharField


class ToyBot(IntegrationBot):
    """A bot's account at Toy.

    Attributes:
        bot: whose account it is; None while it is being connected or removed.
        key: Toy's key; it also signs the webhook.
    """

    SLUG = "toy"

    bot = models.OneToOneField(Bot, models.SET_NULL, null=True, blank=True, related_name="toy_bot")
    key = EncryptedCharField(max_length=100)
