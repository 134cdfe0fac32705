"""A few entries of each kind through a web server: what is kept must stay within the bounds, always."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.entries import read
from tests.attacks.house import House
from tests.attacks.served import WebPlace
from tests.attacks.verdict import Bounds
from tests.servers import Redis

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

NAMES = {
    "text/class-mro",
    "text/include",
    "text/now-zone",
    "text/tag-in-text",
    "text/macro-recursion",
    "text/text-doubled",
    "text/number-tower",
    "text/percent-width",
    "text/range-huge",
    "text/filter-center",
    "text/brackets",
    "text/deep-if",
    "keyboard/quote-single",
    "keyboard/literal-code",
    "url/path-up-slashes",
    "header/line-breaks",
    "data/structure-string",
    "hook-text/tag-in-text",
}


@pytest.fixture
def place(
    tmp_path: Path, database_url: str, broker_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WebPlace]:
    # What measures coverage would be measured too.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    cache = redis.url.removesuffix("0") + "1"
    servers = {"DATABASE_URL": database_url, "CELERY_BROKER_URL": broker_url, "CACHE_URL": cache}
    with House(tmp_path / "house", servers) as house:
        house.open()
        yield WebPlace(house.canaries, house.words(), Bounds(), house=house)


def test_hostile_templates_stay_within_the_bounds_in_a_web_process(place: WebPlace) -> None:
    entries = [entry for entry in read("templates") if entry.name in NAMES]
    findings = [place.attack(entry) for entry in entries]
    assert {finding.entry.name for finding in findings} == NAMES
    assert [finding for finding in findings if finding.broken(Bounds())] == []
