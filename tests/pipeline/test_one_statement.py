"""On PostgreSQL a conversation is taken and looked at in one statement: what others do meanwhile is not missed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from permabots.models import Bot, Conversation, InboundMessage
from permabots.pipeline.operating import sweep
from permabots.pipeline.postgresql import looking
from permabots.testing import TelegramServer
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses

pytestmark = [pytest.mark.django_db(transaction=True)]


@contextmanager
def locked(talk: Conversation) -> Iterator[None]:
    """Sweep, and hold the row of a conversation until the end of the block; whoever wants it waits."""
    with transaction.atomic():
        assert sweep.due_conversations() == [(talk.pk, "telegram")]  # it writes when it woke them
        yield
        with connection.cursor() as cursor:
            for _ in range(1000):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    return
                time.sleep(0.01)
        raise AssertionError("nobody waited for the row")


def test_what_was_read_before_another_worker_was_there_is_not_taken(bot: Bot, telegram: TelegramServer) -> None:
    talk, found = say(bot, "hello"), []

    def take() -> None:
        found.append(looking.take(talk.pk, uuid4(), 60.0, "telegram", 3, 1000))
        connection.close()

    thread = threading.Thread(target=take)
    with locked(talk):
        thread.start()
    thread.join()
    assert found == [0.0]  # whoever came is told to try again, and nothing waits for a sweep


def test_a_worker_that_finds_another_at_work_tries_again(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")

    def work() -> None:
        drain(talk)
        connection.close()

    thread = threading.Thread(target=work)
    with locked(talk):
        thread.start()
    thread.join()
    assert statuses(InboundMessage) == ["done"]
    assert telegram.texts(7) == ["Hi"]


def test_the_version_of_the_row_is_asked_again_after_a_wait(bot: Bot) -> None:
    """A scan by row pointers does not ask again what it was asked by, on servers older than November 2025."""
    make_handler(bot)
    talk = say(bot, "hello")
    values = {"id": talk.pk, "token": uuid4(), "lease": timedelta(seconds=60), "attempts": 3, "few": 1000}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {looking._query('telegram').take}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Update on permabots_conversation" in plan
    assert "Tid Scan" not in plan
