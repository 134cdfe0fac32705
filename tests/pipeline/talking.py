"""Talking to a bot that is connected to the stand-in Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Conversation, InboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import TelegramServer, text_update
from tests.factories import make_bot
from tests.pipeline.test_integrations import attach


@pytest.fixture
def bot(telegram: TelegramServer) -> Bot:
    bot = make_bot()
    attach(bot)
    return Bot.objects.get(pk=bot.pk)


def arrive(bot: Bot, *updates: dict[str, Any]) -> Conversation:
    """Have updates come in; returns the conversation of the last."""
    row = Bot.objects.get(pk=bot.pk).telegram_bot
    assert row is not None
    target = webhook_cache.get_webhook_target("telegram", row.pk)
    assert target is not None
    for update in updates:
        inbox.store(target, inbox.parse(target, update))
    return InboundMessage.objects.latest("pk").conversation


def say(bot: Bot, text: str, update_id: int = 1, chat: int = 7, **fields: Any) -> Conversation:
    return arrive(bot, text_update(update_id, chat, text, message_id=1000 + update_id, **fields))


def drain(talk: Conversation) -> float | None:
    return draining.drain(talk.pk, "telegram")


def statuses(model: Any) -> list[str]:
    return list(model.objects.order_by("id").values_list("status", flat=True))
