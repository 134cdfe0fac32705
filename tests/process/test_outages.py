"""Small outages, as ``make outages`` measures them: what is promised holds, whatever the time it takes here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.outages.result import Result
from benchmarks.outages.scenarios import SCENARIOS
from benchmarks.outages.stand import QUICK, Stand
from tests.servers import Postgres, Redis

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

SMALL = replace(QUICK, messages=20, before=0.5, away=3.0, after=0.5, chats=4, workers=1, sweep=1.0)


@pytest.fixture
def play(
    tmp_path: Path,
    database_url: str,
    broker_url: str,
    postgres: Postgres,
    redis: Redis,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], Result]]:
    # Workers are not measured: it makes them slow, and what they run is measured in other tests.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    with Stand(postgres, redis, database_url, tmp_path) as stand:
        settings.PERMABOTS = {"WEBHOOK_DOMAIN": stand.site({}).url, "TELEGRAM_API_URL": stand.telegram.url}
        yield lambda name: SCENARIOS[name](stand, SMALL)


@pytest.mark.parametrize("name", ["redis-stop", "redis-pause"])
def test_without_redis_webhooks_answer_200_and_nothing_is_lost(play: Callable[[str], Result], name: str) -> None:
    assert play(name).broken == []


def test_a_frozen_database_is_503_and_loses_nothing(play: Callable[[str], Result]) -> None:
    assert play("postgres-pause").broken == []
