"""The tables of credentials that connect bots to the providers of this package."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from permabots.models.encrypted import EncryptedCharField
from permabots.models.fields import ProvidedId
from permabots.models.integration import IntegrationBot, providers
from permabots.models.web_bot import WebBot
from permabots.models.webhook_secret import WebhookSecret
from permabots.validators import validate_token


class TelegramBot(WebhookSecret, IntegrationBot):
    """A bot's account at Telegram. ``account`` is the bot's number, so an account with a new token keeps its row.

    Attributes:
        token: the token that BotFather gave.
    """

    MACHINE = IntegrationBot.MACHINE | WebhookSecret.SECRETS
    SLUG = "telegram"
    REFUSED = "Telegram Error. Check Telegram token or try later."
    EXAMPLE = {"token": "4242:a-secret"}

    token = EncryptedCharField(max_length=100, validators=[validate_token])


class KikBot(IntegrationBot):
    """A bot's account at Kik. ``account`` is the bot's user name.

    Attributes:
        api_key: the API key; Kik also signs webhook calls with it.
        username: the bot's user name.
    """

    SLUG = "kik"
    SHOWS_INFO = False
    REFUSED = "Kik Error. Check username/api_key or try later."

    api_key = EncryptedCharField(max_length=200)
    username = models.CharField(max_length=200)


class MessengerBot(IntegrationBot):
    """A bot's page on Facebook Messenger. The row's id is the verify token of the webhook.

    Attributes:
        account: the page's id. A page may serve several bots, each with a Facebook app of its own.
        token: the page access token.
        app_secret: the app secret, with which Facebook signs webhook calls; without it none is taken.
    """

    SLUG = "messenger"
    SHOWS_INFO = False
    REFUSED = "Messenger Error. Check Api key or try later."
    WRITE_ONLY = ("app_secret",)

    account = ProvidedId(max_length=255, null=True, db_index=True, editable=False)
    token = EncryptedCharField(max_length=512)
    app_secret = EncryptedCharField(max_length=100, blank=True, default="")


ACCOUNTS: dict[str, type[IntegrationBot]] = {
    "telegram_bot": TelegramBot,
    "kik_bot": KikBot,
    "messenger_bot": MessengerBot,
    "web_bot": WebBot,
}
"""The accounts' tables, by the columns of `Bot` that point to them. A new provider's own table points to `Bot`."""


def account_tables() -> dict[str, type[IntegrationBot]]:
    """Return the accounts' tables by the name of the bot's attribute."""
    return {**ACCOUNTS, **{f"{slug}_bot": apps.get_model(it.model) for slug, it in providers().items()}}
