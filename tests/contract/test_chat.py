"""Every recorded step on every provider, through the real webhooks and a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.decided import DECIDED, ROWS, Decision
from tests.contract.recorded import Seen, cases, expected, shift, to_present
from tests.contract.replay import Replay, StandIns
from tests.process.conftest import Road
from tests.process.conftest import kik as kik
from tests.process.conftest import messenger as messenger
from tests.process.conftest import road as road
from tests.process.conftest import site as site
from tests.process.conftest import telegram as telegram
from tests.process.conftest import user_api as user_api

DIFFERENCES = Path(__file__).parent.parent.parent / "docs" / "differences.rst"


@pytest.fixture
def outside(road: Road) -> Iterator[StandIns]:
    """The stand-ins; what the recording has in its chats was never written there."""
    yield StandIns(road.telegram, road.kik, road.messenger, road.user_api)


@pytest.mark.process
@pytest.mark.timeout(240)
def test_every_step_is_equal_or_decided(road: Road, outside: StandIns, capsys: pytest.CaptureFixture[str]) -> None:
    road.site.start_web()
    road.site.start_worker(concurrency=2)
    counts: Counter[tuple[str, str]] = Counter()
    unexplained: list[str] = []
    unused = set(DECIDED)
    seconds = shift()
    for number, case in enumerate(cases(), 1000):
        replay = Replay(case, number, outside, seconds, road.site.url)
        for place, step in enumerate(case["steps"]):
            seen = replay.step(step)
            decision = DECIDED.get((case["name"], place))
            unused.discard((case["name"], place))
            verdict = compare(expected(to_present(step, seconds)), seen, decision)
            counts[step["to"].split(":")[0], verdict.split(":")[0]] += 1
            if verdict.startswith("unexplained"):
                unexplained.append(f"{case['name']} [{place}] {verdict}")
    with capsys.disabled():
        print(f"\ncontract, chats: {sum(counts.values())} steps")
        for (to, verdict), count in sorted(counts.items()):
            print(f"  {to:10} {verdict:12} {count:4}")
    assert not unexplained, "\n".join(unexplained)
    assert not unused, f"decided, but never met: {sorted(unused)}"


def compare(then: Seen, now: Seen, decision: Decision | None) -> str:
    """Return ``equal``, ``decided`` or ``unexplained: …``."""
    if then == now:
        return "equal" if decision is None else "unexplained: equal, though a difference was decided"
    if decision is None:
        return f"unexplained: {_difference(then, now)}"
    wanted = decision.applied_to(then)
    return "decided" if wanted == now else f"unexplained: {_difference(wanted, now)}"


def _difference(wanted: Seen, now: Seen) -> str:
    names = [name for name in ("status", "sends", "calls", "states") if getattr(wanted, name) != getattr(now, name)]
    return "; ".join(f"{name}: wanted {getattr(wanted, name)!r}, got {getattr(now, name)!r}" for name in names)


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_decision_is_told_in_the_documentation(row: str) -> None:
    told = " ".join(DIFFERENCES.read_text().split())
    assert ROWS[row] in told


def test_every_decision_names_a_row() -> None:
    assert {row for decision in DECIDED.values() for row in decision.rows} <= set(ROWS)
