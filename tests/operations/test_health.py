"""``healthz`` and ``readyz``: who answers, what is said, and that nothing hangs."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from permabots.models import Bot, Conversation, InboundMessage, WorkerHeartbeat
from permabots.pipeline.next_work import take
from permabots.tasks import sweep
from permabots.testing import TelegramServer
from permabots.views import health_checks
from permabots.views.health_checks import (
    BROKEN,
    BROKER_AWAY,
    CHECKS,
    DATABASE_AWAY,
    NO_WORKER,
    NO_WORKER_YET,
    TIMED_OUT,
    Check,
    findings,
)
from tests import celery
from tests.conftest import on_postgres
from tests.docs.pages import block, words
from tests.factories import make_bot, make_conversation, make_inbound
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import say
from tests.pipeline.test_integrations import attach
from tests.servers import Postgres, Redis


@pytest.fixture
def redis_broker(broker_url: str, settings: Any) -> Any:
    """Celery's broker is the Redis server of the tests, with the short time-outs that the documentation sets."""
    options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    with celery.app.connection_for_write():
        before = (celery.app.conf.broker_url, celery.app.conf.broker_transport_options)
    celery.app.conf.update(broker_url=broker_url, broker_transport_options=options)
    yield broker_url
    celery.app.conf.update(broker_url=before[0], broker_transport_options=before[1])


def ready(query: str = "") -> tuple[int, dict[str, Any]]:
    with override_settings(PERMABOTS={**getattr(settings, "PERMABOTS", {}), "METRICS_PUBLIC": True}):
        answer = Client().get(f"/readyz{query}")
    return answer.status_code, answer.json()


def test_a_living_process_says_so_and_asks_nobody() -> None:
    """The test has no access to a database, so that any question would fail."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
class TestReady:
    @pytest.fixture(autouse=True)
    def _worker(self) -> None:
        sweep()

    def test_all_is_well(self) -> None:
        status, said = ready()
        assert status == 200
        assert said == {
            "status": "ok",
            "checks": {
                "database": {"ok": True},
                "broker": {"ok": True},
                "waiting": {"ok": True, "seconds": 0.0, "limit": 300.0},
                "workers": {"ok": True, "seconds": pytest.approx(0, abs=5), "limit": 300.0},
            },
        }

    def test_a_project_that_never_had_a_worker_is_told_to_start_one(self) -> None:
        WorkerHeartbeat.objects.all().delete()
        status, said = ready()
        assert (status, said["checks"]["workers"]) == (503, {"ok": False, "error": NO_WORKER_YET})
        assert ready("?exclude=workers")[0] == 200

    def test_workers_that_are_gone_are_told_while_nothing_waits(self, settings: Any) -> None:
        settings.PERMABOTS = {"READY_SECONDS": 60}
        WorkerHeartbeat.objects.update(last_sweep_at=timezone.now() - timedelta(seconds=50))
        assert ready()[0] == 200
        WorkerHeartbeat.objects.update(last_sweep_at=timezone.now() - timedelta(seconds=90))
        status, said = ready()
        assert (status, said["checks"]["workers"]["error"]) == (503, NO_WORKER)
        assert said["checks"]["waiting"]["ok"]
        sweep()
        assert ready()[0] == 200

    def test_rare_sweeps_are_no_dead_workers(self, settings: Any) -> None:
        settings.PERMABOTS = {"READY_SECONDS": 60, "SWEEP_INTERVAL": 300}
        WorkerHeartbeat.objects.update(last_sweep_at=timezone.now() - timedelta(seconds=600))
        assert ready()[0] == 200

    def test_a_sweep_in_the_future_is_of_before_the_clock_was_set_back(self) -> None:
        WorkerHeartbeat.objects.update(last_sweep_at=timezone.now() + timedelta(hours=1))
        assert ready()[0] == 503

    def test_eager_tasks_need_no_worker(self) -> None:
        WorkerHeartbeat.objects.all().delete()
        celery.app.conf.task_always_eager = True
        try:
            assert ready()[0] == 200
        finally:
            celery.app.conf.task_always_eager = False

    def test_work_that_nobody_does_is_told(self, settings: Any) -> None:
        settings.PERMABOTS = {"READY_SECONDS": 60}
        make_inbound(make_conversation(), 1)
        assert ready()[0] == 200
        InboundMessage.objects.update(received_at=timezone.now() - timedelta(seconds=90))
        status, said = ready()
        assert (status, said["status"]) == (503, "failed")
        assert said["checks"]["waiting"]["ok"] is False
        assert said["checks"]["waiting"]["seconds"] >= 90
        assert said["checks"]["database"] == {"ok": True}

    def test_a_check_may_be_left_out(self, settings: Any) -> None:
        settings.PERMABOTS = {"READY_SECONDS": 0.001}
        make_inbound(make_conversation(), 1)
        assert ready()[0] == 503
        status, said = ready("?exclude=waiting&exclude=broker&exclude=workers")
        assert (status, said["checks"]) == (200, {"database": {"ok": True}})

    @pytest.mark.parametrize(
        ("config", "sent", "shown"),
        [
            ({}, "", False),
            ({}, "Bearer ", False),
            ({"METRICS_TOKEN": "s3cret"}, "", False),
            ({"METRICS_TOKEN": "s3cret", "METRICS_PUBLIC": True}, "Bearer wrong", False),
            ({"METRICS_TOKEN": "s3cret"}, "Bearer s3cret", True),
            ({"METRICS_PUBLIC": True}, "", True),
        ],
    )
    def test_only_operators_see_what_the_checks_found(
        self, settings: Any, config: dict[str, Any], sent: str, shown: bool
    ) -> None:
        settings.PERMABOTS = config
        answer = Client().get("/readyz", headers={"Authorization": sent})
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert ("checks" in answer.json()) is shown

    def test_what_failed_is_in_the_log_where_the_answer_does_not_say_it(self, settings: Any, caplog: Any) -> None:
        settings.PERMABOTS = {"READY_SECONDS": 0.001}
        make_inbound(make_conversation(), 1)
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "failed"})
        assert "not ready: waiting" in caplog.text

    def test_a_check_that_there_is_none_of_is_named(self) -> None:
        assert ready("?exclude=databse")[0] == 400

    def test_thousands_of_parameters_are_refused_in_json(self) -> None:
        status, said = ready("?" + "&".join(["exclude=broker"] * 2000))
        assert (status, said["status"]) == (400, "failed")

    def test_a_hosts_transactions_around_requests_have_no_say(self, monkeypatch: Any) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        assert ready()[0] == 200


def test_a_broker_that_is_away_is_told_without_its_address() -> None:
    before = celery.app.conf.broker_url
    celery.app.conf.update(broker_url="redis://:the-password@127.0.0.1:1/0")
    try:
        found = findings(["broker"], 20)
    finally:
        celery.app.conf.update(broker_url=before)
    assert found["broker"] == {"ok": False, "error": BROKER_AWAY}


def test_a_broker_that_is_there_is_told(redis_broker: str) -> None:
    assert findings(["broker"], 20) == {"broker": {"ok": True}}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told_and_the_process_lives(postgres: Postgres) -> None:
    assert on_postgres()
    connection.close()
    postgres.stop()
    try:
        found = findings(["database", "waiting", "workers"], 20)
        alive = Client().get("/healthz").status_code
    finally:
        postgres.start()
    assert found == {name: {"ok": False, "error": DATABASE_AWAY} for name in ("database", "waiting", "workers")}
    assert alive == 200


def test_a_check_that_breaks_names_the_error_in_the_log_alone(caplog: Any) -> None:
    def ask() -> dict[str, Any]:
        raise LookupError("db.internal")

    thread, answer = Check(ask).start()
    thread.join(10)
    assert answer == [{"ok": False, "error": BROKEN}]
    assert "LookupError" in caplog.text


class TestHanging:
    @pytest.mark.django_db(transaction=True)
    def test_a_database_that_is_frozen_is_told_and_asked_again_once_it_goes_on(self, postgres: Postgres) -> None:
        connection.close()
        postgres.pause()
        try:
            found = findings(["database"], 0.3)
        finally:
            postgres.resume()
        assert found == {"database": {"ok": False, "error": TIMED_OUT}}
        CHECKS["database"].start()[0].join(20)
        assert findings(["database"], 20) == {"database": {"ok": True}}

    def test_a_broker_that_is_frozen_is_told(self, redis_broker: str, redis: Redis) -> None:
        redis.pause()
        try:
            found = findings(["broker"], 0.3)
        finally:
            redis.resume()
        assert found["broker"]["ok"] is False
        CHECKS["broker"].start()[0].join(20)
        assert findings(["broker"], 20) == {"broker": {"ok": True}}

    def test_what_hangs_is_told_in_time_and_is_asked_once(self, monkeypatch: Any) -> None:
        go_on, asked = threading.Event(), []

        def ask() -> dict[str, Any]:
            asked.append(1)
            go_on.wait(30)
            return {"ok": True}

        check = Check(ask)
        monkeypatch.setattr(health_checks, "CHECKS", {"slow": check})
        assert findings(["slow"], 0.05) == {"slow": {"ok": False, "error": TIMED_OUT}}
        assert findings(["slow"], 0.05) == {"slow": {"ok": False, "error": TIMED_OUT}}
        assert len(asked) == 1
        go_on.set()
        thread, _ = check.start()
        thread.join(10)
        assert findings(["slow"], 10) == {"slow": {"ok": True}}


def test_the_page_tells_every_check_and_the_shape_of_the_answer() -> None:
    assert words("operations", "readyz-checks") == set(health_checks.CHECKS)
    shown = json.loads(block("operations", "readyz"))
    assert set(shown["checks"]) == set(health_checks.CHECKS)


@override_settings(PERMABOTS={"READY_SECONDS": 0})
def test_the_limit_is_above_zero() -> None:
    with pytest.raises(Exception, match="READY_SECONDS must be a number above 0"):
        health_checks.get_config()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
class TestOneBotsTrouble:
    """Old messages of one bot, for which somebody is there again and again: the site is not late."""

    @pytest.fixture(autouse=True)
    def _late(self, settings: Any, telegram: TelegramServer) -> Conversation:
        settings.PERMABOTS = {**settings.PERMABOTS, "READY_SECONDS": 60}
        bot = make_bot()
        attach(bot)
        sweep()
        self.talk = say(Bot.objects.get(pk=bot.pk), "hello")
        InboundMessage.objects.update(received_at=timezone.now() - timedelta(hours=1))
        return self.talk

    def test_nobody_is_there(self) -> None:
        assert ready()[0] == 503

    def test_somebody_answers_it_now(self) -> None:
        assert take(self.talk.pk, "telegram") is not None
        assert ready()[0] == 200

    def test_it_killed_its_worker_lately(self, settings: Any) -> None:
        assert take(self.talk.pk, "telegram") is not None
        Conversation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=30))
        assert ready()[0] == 200

    def test_it_killed_its_worker_and_nobody_has_come_since(self) -> None:
        assert take(self.talk.pk, "telegram") is not None
        Conversation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=90))
        assert ready()[0] == 503

    def test_somebody_was_there_lately_and_had_to_leave_it(self) -> None:
        held = take(self.talk.pk, "telegram")
        assert held is not None
        held[0].release()
        assert ready()[0] == 200
