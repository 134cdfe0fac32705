"""Making, replacing and dropping the secret with which a bot signs its requests."""

from __future__ import annotations

import secrets

from django.db.models import F
from django.utils import timezone

from permabots.models import Bot, SigningSecret
from permabots.pipeline.authoring.configuration import editing

PREFIX = "pbsig_"
"""Begins each secret, so that scanners of repositories know one when they see it."""


def rotate(bot: Bot) -> SigningSecret:
    """Give a bot a new secret; the one that it had goes on signing beside it until `retire`.

    Returns:
        The row, with the new secret: the only time that it is shown.
    """
    new = PREFIX + secrets.token_urlsafe(32)
    with editing(bot):
        values = {"previous_secret": F("current_secret"), "current_secret": new, "updated_at": timezone.now()}
        if not SigningSecret.objects.filter(bot=bot).update(**values):
            SigningSecret.objects.create(bot=bot, current_secret=new)
        Bot.objects.filter(pk=bot.pk).update(signs_requests=True)
        return SigningSecret.objects.get(bot=bot)


def retire(bot: Bot) -> SigningSecret:
    """Drop the secret before the current one: it signs no more.

    Raises:
        SigningSecret.DoesNotExist: the bot does not sign.
    """
    with editing(bot):
        SigningSecret.objects.filter(bot=bot).update(previous_secret="", updated_at=timezone.now())
        return SigningSecret.objects.get(bot=bot)


def stop(bot: Bot) -> bool:
    """Have a bot sign no more.

    Returns:
        Whether it did sign.
    """
    with editing(bot):
        Bot.objects.filter(pk=bot.pk).update(signs_requests=False)
        return bool(SigningSecret.objects.filter(bot=bot).delete()[0])
