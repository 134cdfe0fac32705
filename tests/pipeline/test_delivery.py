"""Deliveries: calls that fail, wait, or may have been made twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from permabots.models import Bot, Conversation, OutboundMessage, TelegramBot
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses
from tests.pipeline.test_integrations import TOKEN
from tests.waiting import wait_is_over

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_a_row_that_a_dead_worker_started_is_sent_again_and_logged(
    bot: Bot, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    with (
        patch("permabots.pipeline.sending.outbox.deliver", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        drain(talk)
    assert statuses(OutboundMessage) == ["started"]
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert OutboundMessage.objects.get().attempts == 2
    assert "possible double" in caplog.text


def test_too_many_requests_holds_the_chat_until_the_time_is_over(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=1, count=1, enforce=True))
    talk = say(bot, "hello", 1)
    assert drain(talk) == 1.0
    assert statuses(OutboundMessage) == ["pending", "pending"]
    say(bot, "hello", 2)
    drain(talk)  # too early: it is woken for the end of that second already
    assert telegram.sent() == []
    wait_is_over()
    telegram.clear_faults()
    drain(talk)
    assert telegram.texts(7) == ["one", "two", "one", "two"]


def test_too_many_requests_in_a_group_holds_everybody_in_it(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=30, count=1))
    ann = say(bot, "hello", 1, chat=-100, user=1)
    bob = say(bot, "hello", 2, chat=-100, user=2)
    assert drain(ann) == 30.0
    assert drain(bob) is None
    assert telegram.sent() == []


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.CLOSE])
def test_a_send_that_failed_is_tried_again_later(bot: Bot, telegram: TelegramServer, kind: FaultKind) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(kind, method="sendMessage", count=1))
    talk = say(bot, "hello")
    assert drain(talk) == 1.0
    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts) == ("pending", 1)
    assert row.error
    wait_is_over()
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_the_pauses_between_tries_grow(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage"))
    talk = say(bot, "hello")
    waits = []
    for _ in range(4):
        waits.append(drain(talk))
        wait_is_over()
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_a_message_that_fails_for_ever_is_parked_and_the_next_goes_out(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "SEND_ATTEMPTS": 2}
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=2))
    talk = say(bot, "hello", 1)
    drain(talk)
    say(bot, "hello", 2)
    wait_is_over()
    drain(talk)
    assert statuses(OutboundMessage) == ["parked", "sent"]
    assert "(attempt 2" in OutboundMessage.objects.first().error  # type: ignore[union-attr]


def test_a_recipient_who_blocked_the_bot_is_parked_with_the_reason(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    drain(say(bot, "hello", chat=403403))
    assert statuses(OutboundMessage) == ["parked", "parked"]
    assert OutboundMessage.objects.first().error == (  # type: ignore[union-attr]
        "RecipientGone: Forbidden: bot was blocked by the user"
    )


def test_a_revoked_token_is_told_to_the_operator(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.revoke(TOKEN)
    drain(say(bot, "hello"))
    assert statuses(OutboundMessage) == ["parked"]
    row = TelegramBot.objects.get()
    assert row.last_error
    assert row.last_error_at is not None
    assert TOKEN.split(":")[1] not in row.last_error + OutboundMessage.objects.get().error


def test_an_account_disabled_before_its_answer_left_sends_nothing(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
    talk = say(bot, "hello")
    drain(talk)
    TelegramBot.objects.update(enabled=False)
    wait_is_over()
    drain(talk)
    assert statuses(OutboundMessage) == ["skipped"]
    assert telegram.sent() == []


def test_a_group_that_became_a_supergroup_is_followed(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="here")
    telegram.add_fault(Fault(FaultKind.MIGRATED, chat_id=-100, migrate_to_chat_id=-1001998877665))
    talk = say(bot, "hello", chat=-100, user=1)
    assert drain(talk) == 0.0
    assert drain(talk) is None
    talk.refresh_from_db()
    assert talk.chat_id == "-1001998877665"
    assert telegram.texts(-1001998877665) == ["Hi"]
    assert talk.chat_state.state.name == "here"


def test_code_can_send_a_message_by_itself(bot: Bot, telegram: TelegramServer) -> None:
    row = bot.telegram_bot
    assert row is not None
    stored = row.send_message(7, "Good morning\\nAnn", [["a", "b"]])
    talk = Conversation.objects.get()
    drain(talk)
    assert telegram.texts(7) == ["Good morning", "Ann"]
    assert len(stored) == 2
    assert (talk.chat_id, talk.user_id) == ("7", "7")


def test_nothing_is_sent_while_an_account_is_paused(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    TelegramBot.objects.update(paused_until=timezone.now() + timedelta(seconds=20))
    talk = say(bot, "hello")
    wait = drain(talk)
    assert wait is not None
    assert 15 < wait <= 20
    assert statuses(OutboundMessage) == ["pending", "pending"]
    TelegramBot.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    wait_is_over()
    drain(talk)
    assert telegram.texts(7) == ["one", "two"]


def test_a_send_whose_answer_got_lost_is_made_again_and_the_row_says_that_it_may_be_a_double(
    bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.CLOSE, method="sendMessage", count=1, accept=True))
    talk = say(bot, "hello")
    drain(talk)
    assert "it may have been delivered" in OutboundMessage.objects.get().error
    wait_is_over()
    drain(talk)
    assert telegram.texts(7) == ["Hi", "Hi"]
    assert OutboundMessage.objects.get().attempts == 2


def test_sent_is_written_even_if_the_database_was_away_for_a_moment(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    failures = iter([True, True])

    def away(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "outbound" in sql and "sent" in params and next(failures, False):
            raise OperationalError("gone")
        return execute(sql, params, *rest)

    with connection.execute_wrapper(away), patch.object(connection, "close"):
        drain(talk)
    assert statuses(OutboundMessage) == ["sent"]
    assert telegram.texts(7) == ["Hi"]
