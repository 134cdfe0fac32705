"""Rows that tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import override_settings

from permabots.models import Bot, Conversation, Handler, InboundMessage, OutboundMessage, TelegramBot
from permabots.pipeline.configuration import create_handler
from permabots.pipeline.integrations import change
from permabots.testing import TelegramServer

_numbers = count(10_001)


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


@contextmanager
def at_large() -> Iterator[TelegramServer]:
    """Have accounts talk to `telegram_at_large` for a while."""
    server = telegram_at_large()
    place = {"TELEGRAM_API_URL": server.url, "WEBHOOK_DOMAIN": "https://bots.example.com"}
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
        "number": number,
        "kind": "text",
        "text": "hello",
        "raw": {"update_id": number},
    }
    return InboundMessage.objects.create(conversation=conversation, **{**defaults, **values})


def make_outbound(conversation: Conversation, **values: Any) -> OutboundMessage:
    payload = {"method": "sendMessage", "body": {"chat_id": 7, "text": "x"}, "optional": False}
    return OutboundMessage.objects.create(conversation=conversation, **{"payload": payload, **values})
