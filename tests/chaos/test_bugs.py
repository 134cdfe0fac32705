"""The account can fail: each planted bug breaks a promise, and permabots as it is breaks none in the same scenes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from permabots.testing.chaos.account import Account
from tests.chaos import scenes
from tests.chaos.machine import Machine, Setup
from tests.chaos.run import connect
from tests.chaos.scenes import SCENES, Stage
from tests.servers import Postgres, Redis

pytestmark = [pytest.mark.process, pytest.mark.timeout(240)]

HARD_FOR = {
    "200 before commit": scenes.web_dies_after_its_answers,
    "lease ignored": scenes.two_workers_are_woken,
    "marked sent before sending": scenes.child_dies_before_the_provider_accepts,
    "fence read by SELECT": scenes.holder_sleeps_in_its_transaction,
    "second look left out": scenes.message_comes_while_the_last_is_sent,
}


@pytest.fixture
def stage(
    tmp_path: Path,
    database_url: str,
    broker_url: str,
    postgres: Postgres,
    redis: Redis,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    # Workers are not measured: it makes them slow, and what they run is measured in other tests.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    setup = Setup(lease=4.0, timeout=1.5, sweep=0.5, workers=1, children=4)
    with Machine(postgres, redis, database_url, tmp_path, setup) as machine:
        settings.PERMABOTS = {"WEBHOOK_DOMAIN": machine.site.url, "TELEGRAM_API_URL": machine.telegram.url}
        machine.start()
        yield Stage(machine, connect(machine))


def test_every_planted_bug_is_found_and_nothing_else(stage: Stage) -> None:
    found = {bug: broken(stage.play(bug, [scene])) for bug, scene in HARD_FOR.items()}
    assert broken(stage.play("", SCENES)) == set()
    assert found == {
        "200 before commit": {"lost"},
        "lease ignored": {"unexplained"},
        "marked sent before sending": {"lost"},
        "fence read by SELECT": {"wrong", "strayed"},
        "second look left out": {"lost"},
    }


def broken(account: Account) -> set[str]:
    """Return the promises that an account shows broken."""
    names = ("lost", "disordered", "wrong", "strayed", "invented", "unexplained", "impatient")
    return {name for name in names if getattr(account, name)}
