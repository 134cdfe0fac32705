"""A hook that tells people, and posts to it."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots.models import Bot, Hook, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.operating import sweep
from permabots.testing import TelegramServer
from tests.factories import fan_out, make_bot
from tests.pipeline.test_integrations import attach


@pytest.fixture
def hook(telegram: TelegramServer) -> Hook:
    bot = make_bot()
    attach(bot)
    text = {"text_template": "<b>{{ data.name }}</b> is ready", "keyboard_template": "[['ok']]"}
    hook = create_hook(Bot.objects.get(pk=bot.pk), {"name": "ready", "key": "KEY1", "response": text})
    for chat in (101, 102, 103):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    return hook


def post(hook: Hook, data: Any, user: Any = None, **headers: str) -> Any:
    token, _ = Token.objects.get_or_create(user=user or hook.bot.owner)
    headers = {"Authorization": f"Token {token.key}", **headers}
    return Client().post(f"/processing/hook/{hook.key}/", data, "application/json", headers=headers)


def deliver() -> None:
    for pk in sweep.due_notifications():
        for woken in chain.from_iterable(fan_out(pk)):
            draining.drain(woken.conversation_id, woken.provider)
