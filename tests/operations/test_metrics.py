"""What Prometheus is told agrees with the rows, and costs a message nothing when it cannot be told."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from permabots import metrics, tasks
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.factories import make_handler
from tests.operations.samples import Samples, of_rows, scrape
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import arrive, drain, say
from tests.pipeline.talking import bot as bot
from tests.waiting import wait_is_over


def counted(before: Samples, *, also: bool = False) -> Samples:
    """Return how much the counters went up, without tries that are no end of a row unless they are asked for."""
    after = scrape()
    return Counter(
        {
            key: after[key] - before[key]
            for key in after
            if key[0].endswith("_total") and after[key] != before[key] and (also or key[-1] != "retry")
        }
    )


@pytest.fixture
def before(db: None) -> Samples:
    return scrape()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
class TestCounters:
    @pytest.fixture(autouse=True)
    def _no_broker(self, monkeypatch: Any) -> None:
        monkeypatch.setattr("permabots.broker.publish", lambda *_, **__: True)

    def test_messages_turns_and_sends_are_counted_as_the_rows_have_them(
        self, bot: Bot, telegram: TelegramServer, before: Samples
    ) -> None:
        make_handler(bot, "hello", text="one\\ntwo")
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
        refused = Fault(FaultKind.REFUSE, method="sendMessage", description="Forbidden", status=403, after=3, count=1)
        telegram.add_fault(refused)
        for number, text in enumerate(["hello", "nothing fits", "hello", "hello"]):
            talk = say(bot, text, number)
        say(bot, "hello", 3)  # delivered again
        arrive(bot, text_update(10, 7, "hello", message_id=10))
        while drain(talk) is not None:
            wait_is_over()
        assert Counter(OutboundMessage.objects.values_list("status", flat=True))["parked"] == 1
        assert counted(before) == of_rows()
        assert counted(before, also=True)["permabots_sends_total", "telegram", "retry"] == 1

    def test_every_try_to_send_is_counted(self, bot: Bot, telegram: TelegramServer, before: Samples) -> None:
        make_handler(bot)
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=3))
        talk = say(bot, "hello")
        while drain(talk) is not None:
            wait_is_over()
        tries = [value for key, value in counted(before, also=True).items() if key[0] == "permabots_sends_total"]
        assert sum(tries) == OutboundMessage.objects.get().attempts == 4

    def test_what_a_disabled_account_leaves_out_is_counted(
        self, bot: Bot, telegram: TelegramServer, before: Samples
    ) -> None:
        make_handler(bot)
        talk = say(bot, "hello")
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
        drain(talk)
        say(bot, "hello", 2)
        wait_is_over()
        type(bot.telegram_bot)._default_manager.update(enabled=False)
        drain(talk)
        assert Counter(InboundMessage.objects.values_list("status", flat=True)) == {"done": 1, "skipped": 1}
        assert counted(before) == of_rows()

    def test_what_a_removed_account_leaves_behind_is_counted(self, bot: Bot, before: Samples) -> None:
        say(bot, "hello")
        integrations.detach(bot, "telegram")
        assert InboundMessage.objects.get().status == "parked"
        assert counted(before) == of_rows()

    def test_a_turn_that_fails_is_counted_apart_and_its_end_too(
        self, bot: Bot, before: Samples, monkeypatch: Any
    ) -> None:
        talk = say(bot, "hello")

        def broken(*_: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr("permabots.pipeline.answering.turn.compiled", broken)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                drain(talk)
        drain(talk)
        assert counted(before) == of_rows()
        assert counted(before, also=True)["permabots_turns_total", "telegram", "retry"] == 3

    def test_a_message_that_is_not_committed_is_not_counted(self, bot: Bot, before: Samples) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            say(bot, "hello")
            raise ZeroDivisionError
        assert counted(before) == of_rows() == {}

    def test_times_are_noted_from_the_webhook_to_the_answer(
        self, bot: Bot, telegram: TelegramServer, before: Samples
    ) -> None:
        make_handler(bot, text="one\\ntwo")
        row = bot.telegram_bot
        assert row is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret}
        update = text_update(1, 7, "hello", message_id=1)
        Client().post(f"/processing/telegrambot/{row.pk}/", update, "application/json", headers=headers)
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
        talk = InboundMessage.objects.get().conversation_id
        tasks.drain(talk, "telegram")
        after_refusal = scrape() - before
        wait_is_over()
        tasks.drain(talk, "telegram")
        noted = scrape() - before
        names = ("webhook", "turn", "send", "answer")
        assert [noted[f"permabots_{name}_seconds_count", "telegram"] for name in names] == [1, 1, 3, 1]
        assert after_refusal["permabots_answer_seconds_count", "telegram"] == 0


class TestHarmless:
    @pytest.fixture
    def full_disk(self, monkeypatch: Any) -> Iterator[None]:
        class Full:
            def labels(self, *_: Any) -> Any:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(metrics, "ACCEPTED", Full())
        monkeypatch.setattr(metrics, "_no_warning_before", 0.0)
        yield

    def test_counting_that_fails_is_told_once_and_hurts_nobody(self, full_disk: None, caplog: Any) -> None:
        metrics.accepted("telegram")
        metrics.accepted("telegram")
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert "No space left" in caplog.text

    def test_without_the_extra_nothing_happens(self) -> None:
        program = (
            "import sys; sys.modules['prometheus_client'] = None\n"
            "from permabots import metrics\n"
            "metrics.accepted('t'); metrics.turn_done('t', 'done'); metrics.send_done('t', 'sent')\n"
            "with metrics.timed('turn', 't'): metrics.observe('answer', 't', 1.0)\n"
            "print(metrics.ENABLED)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"
