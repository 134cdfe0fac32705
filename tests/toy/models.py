"""The table of credentials."""

from __future__ import annotations

from django.db import models

from permabots.models.bot import Bot, IntegrationBot


class ToyBot(IntegrationBot):
    """A bot's account at Toy.

    Attributes:
        bot: whose account it is; None while it is being connected or removed.
        key: Toy's key; it also signs the webhook.
    """

    SLUG = "toy"

    bot = models.OneToOneField(Bot, models.SET_NULL, null=True, blank=True, related_name="toy_bot")
    key = models.CharField(max_length=100)
