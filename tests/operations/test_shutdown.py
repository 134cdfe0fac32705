"""A worker that is asked to end finishes what it has in hand, and leaves the rest to others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import worker_ready, worker_shutting_down

from permabots import shutdown
from permabots.models import Bot, InboundMessage
from permabots.testing import TelegramServer
from tests.factories import make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses


@pytest.fixture
def ending() -> Iterator[None]:
    """This process has been asked to end."""
    shutdown.begin()
    yield
    shutdown.reset()


PARENT = """
import os
from permabots import shutdown
child, parent = os.pipe(), os.pipe()
if os.fork():
    shutdown.begin()
    os.write(child[1], b".")
    print(os.read(parent[0], 5).decode())
else:
    os.read(child[0], 1)
    os.write(parent[1], str(shutdown.has_begun()).encode())
    os._exit(0)
"""


def test_a_child_that_was_forked_before_learns_of_it() -> None:
    """In a process of its own: this one has threads, and may not fork."""
    done = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "True\n"


def test_a_worker_begins_to_end_when_celery_says_so_and_the_next_one_works(monkeypatch: Any) -> None:
    monkeypatch.setattr("permabots.broker.publish", lambda *_, **__: True)
    try:
        worker_shutting_down.send(sender=None)
        assert shutdown.has_begun()
        worker_ready.send(sender=None)
        assert not shutdown.has_begun()
    finally:
        worker_shutting_down.send(sender=None)
        shutdown.reset()


@pytest.mark.django_db(transaction=True)
class TestWork:
    def test_messages_that_are_not_begun_are_left_to_others_at_once(self, bot: Bot, ending: None) -> None:
        make_handler(bot)
        talk = say(bot, "hello")
        assert drain(talk) == 0.0
        assert statuses(InboundMessage) == ["pending"]
        talk.refresh_from_db()
        assert talk.lease_token is None

    def test_a_turn_in_hand_is_finished_and_the_next_is_not_begun(
        self, bot: Bot, telegram: TelegramServer, monkeypatch: Any
    ) -> None:
        make_handler(bot, text="one\\ntwo")
        say(bot, "hello")
        talk = say(bot, "hello", 2)
        count = InboundMessage.objects.all().count_attempt.__func__  # type: ignore[attr-defined]

        def asked_in_the_turn(rows: Any, **values: Any) -> Any:
            shutdown.begin()
            return count(rows, **values)

        monkeypatch.setattr(type(InboundMessage.objects.all()), "count_attempt", asked_in_the_turn)
        try:
            assert drain(talk) == 0.0
        finally:
            shutdown.reset()
        assert telegram.texts(7) == ["one", "two"]
        assert statuses(InboundMessage) == ["done", "pending"]
