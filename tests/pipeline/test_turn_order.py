"""Messages are answered in the provider's order; late ones are answered, and say so."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from permabots.models import (
    Bot,
    InboundMessage,
)
from permabots.pipeline.operating.retry import retry
from permabots.testing import TelegramServer
from tests.ends import make_message
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_messages_are_answered_in_the_providers_order(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, r"^(?P<n>\d)$", "{{ pattern.n }}")
    for update_id in (3, 1, 2):
        talk = say(bot, str(update_id), update_id)
    drain(talk)
    assert telegram.texts(7) == ["1", "2", "3"]


def test_a_message_that_arrives_late_is_answered_and_says_so(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, r"^(?P<n>\d)$", "{{ pattern.n }}")
    drain(say(bot, "2", 2))
    drain(say(bot, "1", 1))
    assert telegram.texts(7) == ["2", "1"]
    assert "late" in InboundMessage.objects.get(provider_sequence=1).trace
    assert "late" not in InboundMessage.objects.get(provider_sequence=2).trace


@pytest.mark.parametrize(
    ("messages", "late"),
    [
        ([(0, 900), (8, 10), (8.1, 11)], []),  # Telegram counts from anywhere after a quiet week
        ([(0, 900), (8, 950), (8.1, 951)], []),
        ([(0, 900), (6, 10)], [10]),
        ([(0, 900), (8, 10), (8.1, 9), (8.2, 11)], [9]),
    ],
)
def test_numbers_that_began_anew_after_a_quiet_week_are_not_late(
    bot: Bot, telegram: TelegramServer, messages: list[tuple[float, int]], late: list[int]
) -> None:
    began = timezone.now()
    for day, number in messages:
        with patch("django.utils.timezone.now", return_value=began + timedelta(days=day)):
            talk = say(bot, "hello", number)
        drain(talk)
    assert [row.provider_sequence for row in InboundMessage.objects.order_by("id") if "late" in row.trace] == late


def test_what_waited_since_before_the_quiet_week_does_not_make_the_others_late(
    bot: Bot, telegram: TelegramServer
) -> None:
    began = timezone.now()
    first = make_message(bot, "parked", number=900, server=telegram)
    for number in (10, 11):
        with patch("django.utils.timezone.now", return_value=began + timedelta(days=8)):
            drain(say(bot, "hello", number))
        if number == 10:
            retry(bot, first)
            drain(first.conversation)
    assert [row.provider_sequence for row in InboundMessage.objects.order_by("id") if "late" in row.trace] == [900]
