"""What the demo writes into its database: a user, the ordering bot, its account at the stand-in Telegram."""

from __future__ import annotations

import secrets

from django.contrib.auth import get_user_model

from demo.shop import HANDLERS, TOKEN, VARIABLES
from permabots.models import Bot, EnvironmentVar
from permabots.pipeline import integrations
from permabots.pipeline.configuration import create_handler


def make_admin() -> str:
    """Make the user ``admin``; returns the password."""
    password = secrets.token_urlsafe(9)
    get_user_model().objects.create_superuser("admin", "admin@example.com", password)
    return password


def make_bot(api: str) -> Bot:
    """Make the ordering bot and connect it.

    Args:
        api: the address of the shop's API.
    """
    bot = Bot.objects.create(owner=get_user_model().objects.get(username="admin"), name="Corner Café")
    for key, value in {**VARIABLES, "api": api}.items():
        EnvironmentVar.objects.create(bot=bot, key=key, value=value)
    for handler in HANDLERS:
        create_handler(bot, handler)
    integrations.attach(bot, "telegram", {"token": TOKEN})
    return bot
