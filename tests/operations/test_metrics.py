"""What Prometheus is told agrees with the rows, and costs a message nothing when it cannot be told."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from permabots import metrics, tasks
from permabots.models import ApiHealth, Bot, InboundMessage, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from permabots.views.metrics import RowsCollector
from tests.docs.pages import words
from tests.factories import make_conversation, make_handler, make_inbound
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import arrive, drain, say
from tests.pipeline.talking import bot as bot
from tests.waiting import wait_is_over

Samples = Counter[tuple[str, ...]]
LABELS = ("state", "bot", "kind", "provider", "outcome", "status")


def scraped(text: str) -> Samples:
    """Return the samples of permabots in a scrape: name and the values of its labels -> value."""
    return Counter(
        {
            (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name.startswith("permabots_") and not sample.name.endswith(("_created", "_bucket"))
        }
    )


def scrape(**headers: str) -> Samples:
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return scraped(answer.content.decode())


def of_rows() -> Samples:
    """Return what the counters must say if they agree with the rows."""
    found: Samples = Counter()
    for status, provider in InboundMessage.objects.values_list("status", "provider"):
        found["permabots_messages_accepted_total", provider] += 1
        if status not in {"pending", "ignored"}:
            found["permabots_turns_total", provider, status] += 1
    for status, provider in OutboundMessage.objects.values_list("status", "conversation__provider"):
        if status not in {"pending", "started"}:
            found["permabots_sends_total", provider, status] += 1
    return found


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


@pytest.mark.django_db
@pytest.mark.sqlite
class TestScrape:
    def test_rows_that_wait_or_were_given_up_are_told_even_if_there_are_none(self) -> None:
        found = scrape()
        assert found["permabots_rows", "inbound", "telegram", "pending"] == 0
        assert ("permabots_rows", "inbound", "telegram", "pending") in found
        make_inbound(make_conversation(), 1)
        assert scrape()["permabots_rows", "inbound", "telegram", "pending"] == 1
        assert ("permabots_oldest_seconds", "outbound", "telegram", "started") in found

    def test_apis_that_are_left_alone_are_told(self) -> None:
        now, bot = timezone.now(), make_conversation().bot
        for place, seconds in enumerate((60, 60, -60)):
            ApiHealth.objects.create(
                bot=bot, origin=f"https://shop{place}:443", failures=5, open_until=now + timedelta(seconds=seconds)
            )
        found = scrape()
        assert (found["permabots_breakers", "open"], found["permabots_breakers", "half-open"]) == (2, 1)

    @pytest.mark.parametrize(
        ("shown", "status"), [("", 401), ("Bearer wrong", 401), ("Bearer tökén", 401), ("Bearer s3cret", 200)]
    )
    def test_a_token_is_asked_for_where_it_is_set(self, settings: Any, shown: str, status: int) -> None:
        settings.PERMABOTS = {"METRICS_TOKEN": "s3cret"}
        assert Client().get("/metrics", headers={"Authorization": shown}).status_code == status

    def test_counters_can_be_read_while_the_database_is_away(self, caplog: Any) -> None:
        def away(*_: Any) -> Any:
            raise OperationalError("away")

        metrics.accepted("telegram")
        with connection.execute_wrapper(away):
            found = scrape()
        assert found["permabots_messages_accepted_total", "telegram"] >= 1
        assert not [key for key in found if key[0] == "permabots_rows"]
        assert "metrics without gauges: OperationalError" in caplog.text

    def test_a_value_that_is_asked_for_at_the_scrape_can_be_added(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(metrics, "GAUGES", {})
        metrics.add_gauge("permabots_own", "A gauge of ours.", ("bot",), lambda: {("shop",): 1.0})
        assert scrape()["permabots_own", "shop"] == 1.0


class TestHarmless:
    @pytest.fixture
    def full_disk(self, monkeypatch: Any) -> Iterator[None]:
        class Full:
            def labels(self, *_: Any) -> Any:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(metrics, "ACCEPTED", Full())
        monkeypatch.setattr(metrics, "_silent_until", 0.0)
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


@pytest.mark.django_db
def test_the_page_tells_every_metric() -> None:
    families = [*REGISTRY.collect(), *RowsCollector().collect()]
    names = {family.name + "_total" * (family.type == "counter") for family in families}
    assert words("operations", "metrics-names") == {name for name in names if name.startswith("permabots_")}
