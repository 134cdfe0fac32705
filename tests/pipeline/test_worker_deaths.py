"""Messages that kill their workers: counted on their bot, which then has one turn at once; others are answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import Error, OperationalError, connection
from django.db.models import F
from django.test import Client

from permabots import tasks
from permabots.conf import Config
from permabots.models import Bot, Conversation, InboundMessage, Notification, OutboundMessage, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline import lease
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks.notifications import fan_out
from permabots.testing import TelegramServer
from tests.api.conftest import Api
from tests.conftest import on_postgres
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses
from tests.pipeline.test_integrations import attach
from tests.waiting import wait_is_over

DEATHS = Config().worker_deaths

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

RENDER = "permabots.providers.telegram.provider.Telegram.render"


SEND = "permabots.providers.telegram.client.TelegramClient.send"


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, where: str = RENDER) -> Iterator[None]:
    """Have workers be killed while they render, or elsewhere: from then on, they write nothing."""
    dead: list[bool] = []

    def die(*_: Any, **__: Any) -> None:
        dead.append(True)
        raise SystemExit

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if dead:
            raise OperationalError("nobody is there to write this")
        return run(sql, *rest)

    monkeypatch.setattr(lease, "AGAIN", 1e9)  # a dead worker does not try again to give its lease back
    with patch(where, die), connection.execute_wrapper(execute), suppress(Error, SystemExit):
        yield


def time_passes() -> None:
    """Have the leases of dead workers run out, and every wait be over."""
    for table in (Conversation, Notification):
        table.objects.update(lease_expires_at=F("lease_expires_at") - timedelta(hours=1))
    Notification.objects.update(not_before=None)
    wait_is_over()


def kill(bot: Bot, number: int, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """Have a message in a chat of its own kill two workers; the next worker finds out."""
    talk = say(bot, "hello", number, chat=1000 + number)
    for _ in range(2):
        with killed(monkeypatch):
            drain(talk)
        time_passes()
    return talk


@pytest.fixture
def deadly(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """A bot whose messages have killed as many workers again as a bot may before it has one turn at once."""
    make_handler(bot)
    talks = [kill(bot, number, monkeypatch) for number in range(1, DEATHS + 1)]
    for talk in talks:
        drain(talk)  # these go well, and tell of the death before
    return Bot.objects.get(pk=bot.pk)


def test_a_message_that_kills_its_workers_is_parked_and_each_death_but_the_first_is_counted_on_its_bot(
    bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    for _ in range(3):
        with killed(monkeypatch):
            drain(talk)
        time_passes()
    drain(talk)
    row = InboundMessage.objects.get()
    assert (row.status, row.error) == ("parked", "begun 3 times without coming to an end")
    assert Bot.objects.get().worker_deaths == 2
    assert telegram.texts(7) == []


def test_workers_that_are_killed_from_outside_slow_no_bot_down(
    bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_handler(bot)
    talks = [say(bot, "hello", number, chat=1000 + number) for number in range(3 * DEATHS)]
    for talk in talks:
        with killed(monkeypatch):
            drain(talk)
    time_passes()
    for talk in talks:
        drain(talk)
    assert statuses(InboundMessage) == ["done"] * len(talks)
    assert Bot.objects.get().worker_deaths == 0


def test_deaths_are_told_by_api_command_and_metrics(deadly: Bot, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "METRICS_PUBLIC": True}
    shown = Api(deadly.owner).get(f"bots/{deadly.pk}/").json()
    assert (shown["worker_deaths"], shown["last_worker_death_at"][-1]) == (DEATHS, "Z")
    texts = [StringIO(), StringIO()]
    call_command("permabots_status", stdout=texts[0])
    assert f"{deadly.name}: its messages killed {DEATHS} workers" in texts[0].getvalue()
    call_command("permabots_status", json=True, stdout=texts[1])
    (told,) = json.loads(texts[1].getvalue())["deaths"]
    assert (told["bot"], told["workers"], told["one_at_a_time"]) == (deadly.name, DEATHS, True)
    metrics = Client().get("/metrics").content.decode()
    assert f'permabots_worker_deaths{{bot="{deadly.pk}",name="{deadly.name}"}} {DEATHS}.0' in metrics


def test_a_bot_that_killed_workers_has_one_turn_at_once_and_others_as_many_as_ever(
    deadly: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_bot()
    attach(other, "77:other")
    make_handler(other)
    first, second = (say(deadly, "hello", number, chat=2000 + number) for number in (21, 22))
    with killed(monkeypatch):
        drain(first)
    assert drain(second) is not None
    waiting = InboundMessage.objects.get(conversation=second)
    assert (waiting.status, waiting.attempts) == ("pending", 0)
    drain(say(Bot.objects.get(pk=other.pk), "hello", 23, chat=3000))
    assert telegram.texts(3000) == ["Hi"]
    Bot.objects.update(only_turn_until=F("only_turn_until") - timedelta(hours=1))
    time_passes()
    drain(second)
    assert telegram.texts(2022) == ["Hi"]


def test_turns_that_go_well_give_the_turn_back(deadly: Bot, telegram: TelegramServer) -> None:
    for number in (31, 32, 33):
        drain(say(deadly, "hello", number, chat=2000 + number))
        assert telegram.texts(2000 + number) == ["Hi"]
    assert Bot.objects.get().only_turn_until is None


def test_after_some_time_without_a_death_it_is_a_bot_like_any_other(deadly: Bot) -> None:
    Bot.objects.update(only_turn_until=None, last_worker_death_at=F("last_worker_death_at") - timedelta(hours=1))
    drain(say(deadly, "hello", 41, chat=2041))
    assert statuses(InboundMessage) == ["done"] * (DEATHS + 1)
    assert Bot.objects.get().only_turn_until is None


def test_a_database_that_fails_in_a_turn_is_no_death_where_the_lease_was_given_back(bot: Bot) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    for _ in range(2):
        with patch(RENDER, side_effect=OperationalError), suppress(OperationalError):
            drain(talk)
    drain(talk)
    assert statuses(InboundMessage) == ["done"]
    assert Bot.objects.get().worker_deaths == (0 if on_postgres() else 1)


def test_a_project_may_let_no_bot_be_slowed_down(deadly: Bot, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "WORKER_DEATHS": 0}
    Bot.objects.update(only_turn_until=datetime(9999, 1, 1, tzinfo=UTC))
    drain(say(deadly, "hello", 51, chat=2051))
    assert telegram.texts(2051) == ["Hi"]


def test_a_message_that_kills_who_sends_it_is_parked_and_each_death_but_the_first_is_counted_on_its_bot(
    bot: Bot, telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "SEND_ATTEMPTS": 3}
    make_handler(bot)
    talk = say(bot, "hello")
    for _ in range(3):
        with killed(monkeypatch, SEND):
            drain(talk)
        time_passes()
    drain(talk)
    assert OutboundMessage.objects.get().status == "parked"
    assert Bot.objects.get().worker_deaths == 2
    assert telegram.texts(7) == []


def notify(bot: Bot, name: str) -> Notification:
    """Post to a hook of its own that tells one chat."""
    hook = create_hook(bot, {"name": name, "response": {"text_template": "news"}})
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="r")
    return tasks.notify(hook, {})


def test_a_notification_that_kills_who_renders_it_is_parked_and_each_death_but_the_first_is_counted_on_its_bot(
    bot: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = notify(bot, "deadly")
    for _ in range(3):
        with killed(monkeypatch):
            fan_out(row.pk)
        time_passes()
    fan_out(row.pk)
    row.refresh_from_db()
    assert (row.status, row.error) == ("parked", "begun 3 times without coming to an end")
    assert Bot.objects.get().worker_deaths == 2


def test_a_bot_that_killed_workers_renders_one_notification_and_sends_one_message_at_once(
    deadly: Bot, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, first, second = (notify(deadly, name) for name in ("sent", "first", "second"))
    (waiting,) = fan_out(sent.pk)
    with killed(monkeypatch):
        fan_out(first.pk)
    assert fan_out(second.pk) == []
    assert draining.drain(waiting.conversation_id, "telegram") is not None
    second.refresh_from_db()
    assert (second.status, second.attempts, second.lease_token) == ("pending", 0, None)
    assert OutboundMessage.objects.get(notification=sent).attempts == 0
    Bot.objects.update(only_turn_until=F("only_turn_until") - timedelta(hours=1))
    time_passes()
    draining.drain(waiting.conversation_id, "telegram")
    assert telegram.texts(7) == ["news"]
    assert len(fan_out(second.pk)) == 1
