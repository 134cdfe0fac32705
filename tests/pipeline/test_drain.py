"""Draining a conversation: who holds it, for how long, and what is open meanwhile."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from permabots import tasks
from permabots.models import Bot, Chat, Conversation, InboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.lease import Lease
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_somebody_elses_conversation_is_left_alone(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    Conversation.objects.take(talk.pk, uuid4(), 60)
    assert drain(talk) is None
    assert statuses(InboundMessage) == ["pending"]


def test_a_dead_workers_conversation_is_taken_over(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    Conversation.objects.take(talk.pk, uuid4(), -1)
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_a_database_error_ends_the_drain_and_gives_the_lease_back(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO" in sql and "outbound" in sql:
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        drain(talk)
    talk.refresh_from_db()
    assert talk.lease_token is None
    assert statuses(InboundMessage) == ["pending"]
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_a_message_that_comes_while_the_lease_is_given_back_is_seen(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello", 1)
    release = Lease.release
    arrived: list[bool] = []

    def late(self: Lease) -> None:
        if not arrived:
            arrived.append(True)
            say(bot, "hello", 2)
        release(self)

    with patch("permabots.pipeline.lease.Lease.release", late):
        drain(talk)
    assert telegram.texts(7) == ["Hi", "Hi"]


def test_a_drain_gives_way_after_its_budget(bot: Bot, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "DRAIN_TURNS": 2}
    make_handler(bot)
    for update_id in range(1, 6):
        talk = say(bot, "hello", update_id)
    assert drain(talk) == 0.0
    assert statuses(InboundMessage) == ["done", "done", "pending", "pending", "pending"]


def test_no_transaction_is_open_while_the_outside_world_is_called(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    seen: list[bool] = []
    send = "permabots.providers.telegram.client.TelegramClient.send"
    real = __import__("permabots.providers.telegram.client", fromlist=["x"]).TelegramClient.send

    def watched(self: Any, *arguments: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return real(self, *arguments)

    with patch(send, watched):
        drain(say(bot, "hello"))
    assert seen == [False]


def test_a_wake_up_that_comes_a_moment_early_comes_again_when_the_time_has_come(
    bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=20, count=1))
    talk = say(bot, "hello")
    drain(talk)
    monkeypatch.setattr(draining, "EARLY", 20.0)  # a moment that no slow machine outlasts
    with patch("permabots.broker.publish") as publish:
        tasks.drain(talk.pk, "telegram")
    assert 0 < publish.call_args.kwargs["countdown"] <= 20


def test_a_wake_up_long_before_its_time_is_dropped(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=20, count=1))
    talk = say(bot, "hello")
    drain(talk)
    assert drain(talk) is None


def test_a_wake_up_for_a_conversation_without_work_is_dropped(bot: Bot) -> None:
    talk = say(bot, "nobody answers this")
    drain(talk)
    Chat.objects.postpone(talk, 1.0)
    assert drain(talk) is None
