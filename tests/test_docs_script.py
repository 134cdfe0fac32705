"""The script of the documentation's API page builds a bot that answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rest_framework.authtoken.models import Token

from permabots.models import Bot, Conversation
from permabots.pipeline import cached, conversation, inbox
from permabots.testing import TelegramServer, text_update
from tests.factories import make_user
from tests.pipeline.conftest import telegram as telegram

SCRIPT = Path(__file__).parent.parent / "docs" / "build_a_bot.py"


def say(bot: Bot, number: int, text: str) -> None:
    row: Any = bot.telegram_bot
    door: Any = cached.find_door("telegram", row.pk)
    inbox.receive(door, inbox.parse(door, text_update(number, 7, text, message_id=number)))
    conversation.drain(Conversation.objects.get().pk, "telegram")


@pytest.mark.django_db(transaction=True)
def test_the_script_builds_a_bot_that_takes_an_order(live_server: Any, telegram: TelegramServer) -> None:
    key = Token.objects.create(user=make_user()).key
    done = subprocess.run(
        [sys.executable, str(SCRIPT), f"{live_server.url}/permabots/api", key, "4242:token"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Welcome to <b>The Corner Café</b>" in done.stdout
    assert "Connected as fake_4242_bot" in done.stdout
    bot = Bot.objects.get()
    for number, text in enumerate(("/start", "Tea", "Yes"), 1):
        say(bot, number, text)
    assert telegram.texts(7)[1:] == ["One Tea. Shall I order it?", "Your Tea is on its way."]
    assert "import django" not in SCRIPT.read_text()
    assert "permabots." not in SCRIPT.read_text().split('"""')[2]
