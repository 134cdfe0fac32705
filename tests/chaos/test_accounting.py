"""``python -m tests.chaos.accounting``."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from permabots.models import Bot, InboundMessage
from tests.chaos.accounting.__main__ import main
from tests.factories import make_bot, make_conversation, make_inbound, make_telegram

pytestmark = pytest.mark.django_db


def old_message(bot: Bot) -> InboundMessage:
    row = make_inbound(make_conversation(bot), 1)
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(minutes=20))
    return row


def test_the_account_of_a_quiet_installation_holds() -> None:
    assert main([]) == 0


def test_an_overdue_message_is_named_and_the_account_fails(capsys: pytest.CaptureFixture[str]) -> None:
    row = old_message(make_telegram().bot)
    assert main([]) == 1
    assert f"message {row.pk}" in capsys.readouterr().out


def test_the_grace_can_be_given() -> None:
    old_message(make_telegram().bot)
    assert main(["--grace", "3600"]) == 0


def test_the_account_can_be_that_of_one_bot() -> None:
    old_message(make_telegram().bot)
    assert main([make_telegram(make_bot(name="quiet")).bot.name]) == 0
