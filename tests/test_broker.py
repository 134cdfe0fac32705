"""Wake-ups: published once, never needed, never slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from celery.signals import worker_ready, worker_shutting_down
from django.db import transaction
from kombu.exceptions import EncodeError

from permabots import broker, shutdown, tasks
from permabots.database import after_commit
from permabots.models import InboundMessage, TelegramBot
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import text_update
from tests.factories import make_bot, make_inbound, make_telegram
from tests.pipeline.test_webhook import post

pytestmark = pytest.mark.django_db(transaction=True)

PUBLISH = "kombu.messaging.Producer.publish"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_paused_until", 0.0)


def test_a_wake_up_carries_ids_only() -> None:
    with patch(PUBLISH) as publish:
        tasks.wake(5, "telegram")
    assert publish.call_args.args[0][0] == (5, "telegram")


def test_a_broker_that_is_away_is_left_alone_for_a_moment() -> None:
    with patch(PUBLISH, side_effect=ConnectionRefusedError) as publish:
        assert not broker.publish(tasks.drain, 5, "telegram")
        assert not broker.publish(tasks.drain, 6, "telegram")
    assert publish.call_count == 1


def test_publishing_begins_again_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_paused_until", time.monotonic() - 1)
    with patch(PUBLISH) as publish:
        assert broker.publish(tasks.drain, 5, "telegram")
    assert publish.call_count == 1


UNFORESEEN = [KeyError("No such transport"), RuntimeError(), EncodeError(), MemoryError()]
"""What no list of a broker's errors names: a transport that is not installed, say."""


@pytest.fixture(params=UNFORESEEN, ids=lambda error: type(error).__name__)
def unforeseen(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A broker that fails in a way that nobody foresaw."""
    with patch(PUBLISH, side_effect=request.param) as publish:
        yield publish


def test_an_unforeseen_failure_to_publish_is_logged_and_costs_nobody_anything(unforeseen: Any, caplog: Any) -> None:
    assert not broker.publish(tasks.drain, 5, "telegram")
    assert type(unforeseen.side_effect).__name__ in caplog.text


def test_a_message_that_is_stored_is_answered_200_however_publishing_fails(unforeseen: Any) -> None:
    row = make_telegram()
    assert post(row, text_update(1, 7, "hello", message_id=1)).status_code == 200
    assert InboundMessage.objects.count() == 1


def test_a_notification_that_is_stored_is_answered_200_however_publishing_fails(unforeseen: Any) -> None:
    bot = make_bot()
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    assert tasks.notify(hook, {}).pk


def test_a_failure_in_a_callback_after_the_commit_is_logged_and_raised_to_nobody(caplog: Any) -> None:
    """Django names the callback in the log: one without a name of its own raised there, in the middle of a request."""

    def fail(_: int) -> None:
        raise ValueError("unforeseen")

    with transaction.atomic():
        after_commit(fail, 5)
    after_commit(fail, 5)
    assert caplog.text.count("Error calling") == 2
    assert "fail in on_commit" in caplog.text


def test_what_is_called_after_the_commit_waits_for_the_database_that_is_written() -> None:
    called: list[int] = []
    with transaction.atomic():
        after_commit(called.append, 5)
        assert called == []
    assert called == [5]


def test_the_sweeper_survives_a_failure_that_nobody_foresaw(settings: Any) -> None:
    settings.PERMABOTS = {"SWEEP_INTERVAL": 0.02}
    thrice = threading.Event()
    tries: list[int] = []

    def fail(*_: Any, **__: Any) -> None:
        broker._paused_until = 0.0
        tries.append(1)
        if len(tries) == 3:
            thrice.set()
        raise KeyError("No such transport")

    with patch(PUBLISH, side_effect=fail):
        sweeper = broker.Sweeper(tasks.sweep)
        sweeper.start()
        went_on = thrice.wait(10)
        sweeper.stopping.set()
        sweeper.join(5)
    assert went_on


def test_a_long_wait_is_left_to_the_sweep() -> None:
    with patch(PUBLISH) as publish:
        tasks.wake(5, "telegram", broker.LONGEST_COUNTDOWN + 1)
    assert publish.call_count == 0


def test_the_sweeper_publishes_at_once_and_then_in_its_interval(settings: Any) -> None:
    settings.PERMABOTS = {"SWEEP_INTERVAL": 0.05}
    thrice = threading.Event()
    seen: list[float | None] = []

    def publish(task: Any, *, expires: float | None = None) -> bool:
        seen.append(expires)
        if len(seen) == 3:
            thrice.set()
        return True

    with patch("permabots.broker.publish", publish):
        sweeper = broker.Sweeper(tasks.sweep)
        sweeper.start()
        assert thrice.wait(5)
        sweeper.stopping.set()
        sweeper.join(5)
    assert not sweeper.is_alive()
    assert seen[0] == broker.SWEEP_EXPIRES


def test_a_worker_runs_a_sweeper_from_ready_to_shutdown() -> None:
    before = set(threading.enumerate())
    with patch(PUBLISH):
        worker_ready.send(sender=None)
        started = [thread for thread in threading.enumerate() if isinstance(thread, broker.Sweeper)]
        worker_shutting_down.send(sender=None)
        shutdown.reset()
        for thread in set(started) - before:
            thread.join(5)
    assert len(started) == 1
    assert not started[0].is_alive()


def test_the_sweep_wakes_what_is_due_and_publishes_nothing_else() -> None:
    bot = make_bot()
    make_telegram(bot)
    talk = tasks.Conversation.objects.create(bot=bot, provider="telegram", chat_id="7", user_id="7")
    make_inbound(talk, 1)
    with patch("permabots.broker.publish") as publish:
        tasks.sweep()
    assert [call.args[1:] for call in publish.call_args_list] == [(talk.pk, "telegram")]


def test_a_drain_out_of_memory_ends_quietly_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with patch("permabots.pipeline.drain.drain", side_effect=MemoryError):
        tasks.drain(5, "telegram")
    assert "out of memory in conversation 5" in caplog.text


def test_a_drain_that_has_to_wait_wakes_itself() -> None:
    with patch("permabots.pipeline.drain.drain", return_value=3.0), patch("permabots.broker.publish") as publish:
        tasks.drain(5, "telegram")
    assert publish.call_args.kwargs == {"countdown": 3.0, "order": broker.Order.FIRST}


def test_a_bot_takes_a_message_as_if_its_webhook_had_brought_it() -> None:
    row = make_telegram()
    with patch("permabots.broker.publish") as publish:
        row.bot.handle_message(text_update(1, 7, "hello", message_id=1), row)
    talk = row.bot.conversations.get()
    assert talk.inbound.get().text == "hello"
    assert publish.call_args.args[1:] == (talk.pk, "telegram")


def test_a_message_for_an_account_that_is_not_stored_is_an_error() -> None:
    with pytest.raises(LookupError, match="is not stored"):
        tasks.receive(TelegramBot(token="1:a"), {})
