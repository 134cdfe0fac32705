"""Saving bots themselves, within the quota of their owner."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from permabots.database import atomic, connection
from permabots.models import Bot
from permabots.pipeline import quotas


def save_bot(bot: Bot) -> Bot:
    """Save a bot that is new or has another owner, within the owner's quota.

    Raises:
        django.core.exceptions.ValidationError: the owner has as many bots as they may have; nothing is written.
    """
    with atomic():
        no_key = connection().features.has_select_for_no_key_update
        owners = get_user_model()._base_manager.select_for_update(no_key=no_key)
        if owners.filter(pk=bot.owner_id).exists():  # two bots that are made at once are counted one after the other
            quotas.check(bot)
        bot.save()
    return bot
