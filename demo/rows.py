"""What the demo writes into its database: a user, the ordering bot, its accounts at the stand-ins, a hook."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token

from demo.saved_tests import save_tests
from demo.shop import APP_SECRET, CHAT, HANDLERS, HOOK, KIK_BOT, KIK_KEY, PAGE_TOKEN, TOKEN, VARIABLES
from demo.talkers import Talker
from permabots.models import (
    Bot,
    EnvironmentVar,
    Hook,
    IntegrationBot,
    KikBot,
    MessengerBot,
    Recipient,
    TelegramBot,
    WebVisitor,
)
from permabots.pipeline.authoring import configuration, integrations
from permabots.pipeline.authoring.configuration import create_handler, create_hook

CREDENTIALS = {
    "telegram": {"token": TOKEN},
    "kik": {"username": KIK_BOT, "api_key": KIK_KEY},
    "messenger": {"token": PAGE_TOKEN, "app_secret": APP_SECRET},
    "web": {"slug": CHAT},
}


def make_admin() -> str:
    """Make the user ``admin``; returns the password."""
    password = secrets.token_urlsafe(9)
    get_user_model().objects.create_superuser("admin", "admin@example.com", password)
    return password


def make_bot(api: str) -> Bot:
    """Make the ordering bot and connect it to all messengers.

    Args:
        api: the address of the shop's API.
    """
    bot = Bot.objects.create(owner=get_user_model().objects.get(username="admin"), name="Corner Café")
    for key, value in {**VARIABLES, "api": api}.items():
        EnvironmentVar.objects.create(bot=bot, key=key, value=value)
    for handler in HANDLERS:
        create_handler(bot, handler)
    for slug, credentials in CREDENTIALS.items():
        integrations.attach(bot, slug, credentials)
    save_tests(bot)
    return bot


def reconnect(api: str) -> tuple[Bot | None, list[MessengerBot]]:
    """Connect each account anew: the stand-ins have forgotten all, and the site may have another address.

    Args:
        api: the address of the shop's API.

    Returns:
        The ordering bot, None where its author has deleted it; and the pages on Messenger.
    """
    for model in (TelegramBot, KikBot, MessengerBot):
        for row in model.objects.filter(status=IntegrationBot.Status.CONNECTED):
            row.connect()
    bot = Bot.objects.filter(telegram_bot__account=TOKEN.split(":")[0]).first()
    if bot is not None:
        for variable in bot.env_vars.filter(key="api"):
            configuration.save(variable, {"value": api})
    return bot, list(MessengerBot.objects.filter(status=IntegrationBot.Status.CONNECTED))


def page_of(bot: Bot) -> IntegrationBot:
    """Return the bot's page on Messenger."""
    page = bot.integration("messenger")
    if page is None:
        raise LookupError(f"{bot} has no page")
    return page


def make_hook(bot: Bot, talkers: Sequence[Talker]) -> tuple[Hook, str]:
    """Make the shop's hook, which tells Ann wherever she is.

    Returns:
        The hook, and its owner's token for the API.
    """
    hook = create_hook(bot, HOOK)
    for talker in talkers:
        # In the web chat nobody knows the id of their own conversation.
        chat = talker.chat or WebVisitor.objects.latest("pk").chat_id
        Recipient.objects.create(hook=hook, provider=talker.slug, chat_id=chat, user_id=talker.user, name="Ann")
    return hook, Token.objects.get_or_create(user=bot.owner)[0].key
