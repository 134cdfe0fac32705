"""A table is changed while connections keep statements prepared: PostgreSQL refuses each of these from then on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import NotSupportedError, connection
from rest_framework.authtoken.models import Token

from permabots import tasks
from permabots.models import Bot
from permabots.testing import TelegramServer, text_update
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = pytest.mark.django_db(transaction=True)

OFTEN = 8
"""More often than a statement is executed before it is kept prepared."""


@contextmanager
def widened(table: str, column: str) -> Iterator[None]:
    """Change the type of a column, as a migration does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            [table, column],
        )
        (before,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(5000)")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {before}")


def test_a_turn_goes_on_with_the_table_as_it_is_now(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    for number in range(OFTEN):
        drain(say(bot, "hello", update_id=number + 1))
    with widened("permabots_state", "name"):
        drain(say(bot, "hello", update_id=OFTEN + 1))
        assert telegram.texts(7) == ["Hi"] * (OFTEN + 1)


def test_a_webhook_goes_on_with_the_table_as_it_is_now(bot: Bot, telegram: TelegramServer, client: Any) -> None:
    row: Any = Bot.objects.get(pk=bot.pk).telegram_bot

    def post(number: int) -> int:
        body = text_update(number, 7, "hello", message_id=number)
        secret = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret}
        return int(
            client.post(urlsplit(row.absolute_hook_url()).path, body, "application/json", headers=secret).status_code
        )

    assert {post(number) for number in range(1, OFTEN + 1)} == {200}
    with widened("permabots_telegrambot", "webhook_secret"):
        assert post(OFTEN + 1) == 200


def test_of_the_statements_of_the_orm_one_fails_and_no_more(bot: Bot, client: Any) -> None:
    """A request or a task ends with the error; the next one has a new connection."""
    client.raise_request_exception = False
    headers = {"Authorization": f"Token {Token.objects.get_or_create(user=bot.owner)[0].key}"}

    def get() -> int:
        return int(client.get(f"/permabots/api/bots/{bot.pk}/", headers=headers).status_code)

    assert {get() for _ in range(OFTEN)} == {200}
    with widened("permabots_bot", "name"):
        assert get() in {200, 500}
        assert get() == 200


def test_a_task_that_ends_with_the_error_closes_its_connection(bot: Bot, telegram: TelegramServer) -> None:
    talk = say(bot, "hello")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    def refuse(*_: Any) -> Any:
        raise NotSupportedError("cached plan must not change result type")

    with connection.execute_wrapper(refuse):
        ended = tasks.drain.apply(args=[talk.pk, "telegram"])
    assert ended.state == "FAILURE"
    assert connection.connection is None
