"""Rows that tests begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import override_settings

from permabots.models import Bot, Conversation, Handler, InboundMessage, Notification, OutboundMessage, TelegramBot
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_handler
from permabots.pipeline.authoring.integrations import attach, change
from permabots.pipeline.hooks import notifications
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import KikServer, MessengerServer, TelegramServer, text_update

_numbers = count(10_001)
UNREACHABLE = 403403
"""The chat of somebody who blocked the bot, at the stand-in Telegram: what is sent there is given up."""


def make_user(name: str = "") -> Any:
    return get_user_model().objects.create_user(name or f"user{next(_numbers)}")


def make_bot(**values: Any) -> Bot:
    return Bot.objects.create(**{"owner": values.pop("owner", None) or make_user(), "name": "shop", **values})


@cache
def telegram_at_large() -> TelegramServer:
    """A stand-in Telegram for tests that are about something else: one in each process, as long as that lives."""
    server = TelegramServer()
    server.start()
    return server


@cache
def others_at_large() -> dict[str, str]:
    """The other messengers' stand-ins, the same; returns the settings that point to them."""
    kik, messenger = KikServer(check_people=False), MessengerServer(check_people=False)
    kik.start()
    messenger.start()
    return {"KIK_API_URL": kik.url, "MESSENGER_API_URL": messenger.url}


def make_telegram(bot: Bot | None = None, *, token: str = "", enabled: bool = True) -> TelegramBot:
    """A bot that a programmer connected to Telegram: a row made, given to its bot and connected."""
    bot, number = bot or make_bot(), next(_numbers)
    row = TelegramBot.objects.create(token=token or f"{number}:secret-{number}")
    bot.telegram_bot = row
    bot.save()
    with at_large():
        row.connect()
        if not enabled:
            change(row, {}, enabled=False)
    return row


def credentials_of(slug: str, ending: str = "kept") -> dict[str, str]:
    """Return credentials that a messenger's stand-in takes, of another account each time; secrets have that ending."""
    number = next(_numbers)
    known = {
        "telegram": {"token": f"{number}:{ending}"},
        "kik": {"username": f"bot{number}", "api_key": f"gold-{number}-{ending}"},
        "messenger": {"token": f"page-{number}-{ending}", "app_secret": f"app-{number}-{ending}"},
        "web": {"slug": f"chat-{number}", "identity_secret": f"signs-the-people-of-{number}-{ending}"},
    }
    return known[slug]


def make_account(bot: Bot, slug: str, ending: str = "kept") -> Any:
    """A bot's account at any messenger, connected to its stand-in; `credentials_of` has the arguments."""
    with at_large(others_at_large()):
        return attach(bot, slug, credentials_of(slug, ending))


def say(bot: Bot, text: str = "hello", number: int = 0, chat: int = 7, **fields: Any) -> InboundMessage:
    """Have somebody write to a bot on Telegram: the message is stored as the webhook stores it, and nobody answers yet.

    Args:
        bot: connected to Telegram.
        text: what they write.
        number: of the update; 0 for the next one.
        chat: theirs.
        fields: of the update, as `text_update` takes them: ``user`` in a group.
    """
    number = number or next(_numbers)
    return come(bot, text_update(number, chat, text, message_id=number, **fields))


def come(bot: Bot, update: dict[str, Any]) -> InboundMessage:
    """Have an update come in from Telegram: it is stored as the webhook stores it, and nobody answers yet."""
    row: Any = Bot.objects.get(pk=bot.pk).telegram_bot
    target = webhook_cache.get_webhook_target("telegram", row.pk)
    if target is None:
        raise LookupError(f"{row} is not in use")
    with at_large():
        inbox.store(target, inbox.parse(target, update))
    return InboundMessage.objects.get(external_id=str(update["update_id"]), integration_id=row.pk)


def fan_out(pk: int) -> list[list[notifications.WakeUp]]:
    """Have all batches of a notification that may be stored now be stored; returns who is woken by each."""
    return list(iter(lambda: notifications.fan_out(pk) or [], []))


def tell(notice: Notification) -> None:
    """Do what workers do with a notification: its recipients are told, or cannot be."""
    with at_large():
        for batch in fan_out(notice.pk):
            for woken in batch:
                draining.drain(woken.conversation_id, woken.provider)
    notice.refresh_from_db()


def answer(*messages: InboundMessage) -> None:
    """Do what a worker does with messages, and with all that waits before them."""
    with at_large():
        for message in messages:
            draining.drain(message.conversation_id, message.provider)
            message.refresh_from_db()


@contextmanager
def at_large(others: Mapping[str, str] | None = None) -> Iterator[TelegramServer]:
    """Have accounts talk to `telegram_at_large` for a while, and to other stand-ins that are given."""
    server = telegram_at_large()
    place = {"TELEGRAM_API_URL": server.url, "WEBHOOK_DOMAIN": "https://bots.example.com", **(others or {})}
    with override_settings(PERMABOTS={**getattr(settings, "PERMABOTS", {}), **place}):
        yield server


def make_handler(bot: Bot, pattern: str = "hello", text: str = "Hi", **values: Any) -> Handler:
    response = {"text_template": text, "keyboard_template": values.pop("keyboard", "")}
    return create_handler(bot, {"name": "handler", "pattern": pattern, "response": response, **values})


def make_conversation(bot: Bot | None = None, chat_id: str = "7", user_id: str | None = None) -> Conversation:
    return Conversation.objects.create(
        bot=bot or make_bot(), provider="telegram", chat_id=chat_id, user_id=chat_id if user_id is None else user_id
    )


def make_inbound(conversation: Conversation, number: int, **values: Any) -> InboundMessage:
    integration = conversation.bot.telegram_bot
    defaults = {
        "bot_id": conversation.bot_id,
        "provider": "telegram",
        "integration_id": integration.pk if integration else conversation.bot.pk,
        "external_id": str(number),
        "provider_sequence": number,
        "kind": "text",
        "text": "hello",
        "raw": {"update_id": number},
    }
    return InboundMessage.objects.create(conversation=conversation, **{**defaults, **values})


def make_outbound(conversation: Conversation, **values: Any) -> OutboundMessage:
    payload = {"method": "sendMessage", "body": {"chat_id": 7, "text": "x"}, "optional": False}
    return OutboundMessage.objects.create(conversation=conversation, **{"payload": payload, **values})
