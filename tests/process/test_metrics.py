"""The metrics of real web and worker processes: several prefork workers, and children that are killed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from permabots.models import InboundMessage
from permabots.testing import Fault, FaultKind
from tests.operations.samples import of_rows, scraped
from tests.process.conftest import TOKEN, Road, echo_bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

CHATS, PER_CHAT = (7, 8, 9, 10), 10


@pytest.fixture
def shared(road: Road, tmp_path: Path) -> Road:
    """A site whose processes count in files of one folder, which is there before any of them starts."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    road.site.environment = {**road.site.environment, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    road.site.environment["PERMABOTS_METRICS_PUBLIC"] = "1"
    return road


def test_the_scrape_of_two_workers_agrees_with_the_rows_and_outlives_their_children(shared: Road) -> None:
    echo_bot(shared)
    shared.telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", after=5, count=3))
    shared.site.start_web()
    workers = [shared.site.start_worker(name, concurrency=2) for name in ("one", "two")]
    shared.connect()
    for number in range(PER_CHAT):
        for chat in CHATS:
            shared.telegram.send_text(TOKEN, chat, f"echo {number}")
    wanted = of_rows_when_all_are_answered(shared)
    assert wanted["permabots_turns_total", "telegram", "done"] == PER_CHAT * len(CHATS)
    # The last counter goes up after the last row is written.
    found = scrape_until(shared, wanted)
    assert found == wanted
    assert len(list(Path(shared.site.environment["PROMETHEUS_MULTIPROC_DIR"]).glob("counter_*.db"))) >= 3
    for worker in workers:
        for child in psutil.Process(worker.process.pid).children():
            child.kill()
    assert totals(shared) == wanted
    gauges = scrape(shared)
    assert gauges["permabots_rows", "inbound", "telegram", "pending"] == 0


def of_rows_when_all_are_answered(road: Road, seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while InboundMessage.objects.count() < PER_CHAT * len(CHATS) or road.unfinished() != (0, 0):
        assert time.monotonic() < end, f"unfinished: {road.unfinished()}"
        time.sleep(0.1)
    return of_rows()


def scrape(road: Road) -> Counter[tuple[str, ...]]:
    answer = requests.get(f"{road.site.url}/metrics", timeout=10)
    assert answer.status_code == 200
    return scraped(answer.text)


def totals(road: Road) -> Counter[tuple[str, ...]]:
    """Return the counters of what came to an end."""
    found = scrape(road).items()
    return Counter({key: value for key, value in found if key[0].endswith("_total") and key[-1] != "retry"})


def scrape_until(road: Road, wanted: Any, seconds: float = 10) -> Counter[tuple[str, ...]]:
    end = time.monotonic() + seconds
    while (found := totals(road)) != wanted and time.monotonic() < end:
        time.sleep(0.1)
    return found
