"""Rows that tests begin with."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from permabots.models import Bot, Conversation, Handler, InboundMessage, OutboundMessage, TelegramBot
from permabots.pipeline.configuration import create_handler

_numbers = count(1)
SECRET = "the-webhook-secret"


def make_user(name: str = "") -> Any:
    return get_user_model().objects.create_user(name or f"user{next(_numbers)}")


def make_bot(**values: Any) -> Bot:
    return Bot.objects.create(**{"owner": values.pop("owner", None) or make_user(), "name": "shop", **values})


def make_telegram(bot: Bot | None = None, **values: Any) -> TelegramBot:
    """A bot connected to Telegram, as if its webhook had been set."""
    bot = bot or make_bot()
    number = next(_numbers)
    row = TelegramBot.objects.create(
        **{
            "token": f"{number}:secret-{number}",
            "account": str(number),
            "webhook_secret": SECRET,
            "status": TelegramBot.Status.CONNECTED,
            **values,
        }
    )
    bot.telegram_bot = row
    bot.save()
    return row


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
