"""The account can fail: each planted bug breaks a promise, and permabots as it is breaks none in the same scenes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import bugs
from tests.chaos.accounting.account import settle
from tests.chaos.accounting.evidence import Evidence
from tests.chaos.machine import SCENE_SETUP, Machine
from tests.chaos.run import connect
from tests.chaos.scenes import HARD_FOR, SCENES, Stage
from tests.chaos.switches import BUGS
from tests.servers import Postgres, Redis

pytestmark = [pytest.mark.process, pytest.mark.timeout(240)]


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
    with Machine(postgres, redis, database_url, tmp_path, SCENE_SETUP) as machine:
        settings.PERMABOTS = {"WEBHOOK_DOMAIN": machine.site.url, "TELEGRAM_API_URL": machine.telegram.url}
        machine.start()
        yield Stage(machine, connect(machine))


BREAKS = {
    "200 before commit": "lost",
    "lease ignored": "unexplained",
    "marked sent before sending": "lost",
    "fence read by SELECT": "wrong",
    "second look left out": "lost",
    "held back by what is finished": "lost",
    "send without a ceiling": "endless",
    "notification begun without being counted": "news lost",
    "secret replaced before the messenger agrees": "lost",
    "key of a web message ignored": "web unexplained",
}
"""Bug -> the promise that it breaks each time. It may break more: two workers in one conversation do much harm."""


def test_every_planted_bug_is_found_and_nothing_is_without_one(stage: Stage) -> None:
    found = {bug: broken(stage.play(bug, [scene])) for bug, scene in HARD_FOR.items()}
    assert broken(stage.play("", SCENES)) == set()
    assert found.keys() == BREAKS.keys()
    assert {bug: promise for bug, promise in BREAKS.items() if promise not in found[bug]} == {}, found


def test_every_planted_bug_has_its_scene() -> None:
    assert set(HARD_FOR) == {bugs.SELECTED, *bugs.BUGS} == set(BUGS)
    assert set(HARD_FOR.values()) == set(SCENES)


def broken(evidence: Evidence) -> set[str]:
    """Return the promises that evidence shows broken."""
    account = settle(evidence)
    found = {name for name in NAMES if getattr(account, name)}
    parts = {"news": account.news, "web": account.web}
    return found | {f"{part} {name}" for part, its in parts.items() for name in NAMES if getattr(its, name)}


NAMES = ("lost", "disordered", "wrong", "strayed", "invented", "endless", "unexplained", "misshown", "impatient")
