"""The page that Prometheus reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY

from permabots import metrics
from permabots.models import ApiHealth
from permabots.views.metrics import RowsCollector
from tests.docs.pages import words
from tests.factories import make_conversation, make_inbound
from tests.operations.samples import scrape
from tests.pipeline.talking import bot as bot


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

    def test_they_are_closed_where_nothing_opens_them_and_the_log_says_why(self, settings: Any, caplog: Any) -> None:
        settings.PERMABOTS = {}
        answer = Client().get("/metrics")
        assert (answer.status_code, answer.content) == (403, b"")
        assert "neither METRICS_TOKEN nor METRICS_PUBLIC is set" in caplog.text
        settings.DEBUG = True
        assert Client().get("/metrics").status_code == 200

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


@pytest.mark.django_db
def test_the_page_tells_every_metric() -> None:
    families = [*REGISTRY.collect(), *RowsCollector().collect()]
    names = {family.name + "_total" * (family.type == "counter") for family in families}
    assert words("operations", "metrics-names") == {name for name in names if name.startswith("permabots_")}
