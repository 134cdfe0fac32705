"""Redis or PostgreSQL is stopped or paused while people talk."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.outages.flush import check
from benchmarks.outages.house import House, opened
from benchmarks.outages.result import Result, Row, percentile, seconds
from benchmarks.outages.stand import Size, Stand
from benchmarks.outages.talk import Answers, Talk
from permabots.testing import Delivery
from tests.servers import Server

QUICKLY = 2.0
"""Seconds within which a webhook must answer while something is away."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What goes, and how.

    Args:
        server: the attribute of `Stand`.
        leave: makes it go.
        return_: brings it back.
        status: what a webhook may answer meanwhile; None where it waits: nothing ends the wait for a database that is
            frozen but alive.
        seconds: the attribute of `Size`.
    """

    server: str
    leave: Callable[[Server], None]
    return_: Callable[[Server], object]
    status: int | None
    seconds: str = "away"


OUTAGES = {
    "redis-stop": Outage("redis", lambda server: server.stop(), lambda server: server.start(), 200),
    "redis-pause": Outage("redis", lambda server: server.pause(), lambda server: server.resume(), 200),
    "postgres-stop": Outage("postgres", lambda server: server.stop(), lambda server: server.start(), 503),
    "postgres-pause": Outage("postgres", lambda server: server.pause(), lambda server: server.resume(), None),
    "postgres-30s": Outage("postgres", lambda server: server.stop(), lambda server: server.start(), 503, "long"),
}


def scenario(name: str) -> Callable[[Stand, Size], Result]:
    """Return a scenario that plays one of `OUTAGES`."""
    return partial(play, outage=OUTAGES[name])


def play(stand: Stand, size: Size, outage: Outage) -> Result:
    """Talk before, during and after an outage, and wait until everything is answered."""
    with opened(stand, size) as house:
        house.start_workers()
        supervisor = house.supervise()
        talk = Talk(house, range(1, size.chats + 1))
        talk.say_all(size.chats)  # each chat is known, as it is in an installation that has been at work
        talk.wait()
        start = len(stand.telegram.deliveries())
        ended = threading.Event()
        talking = talk.keep_talking(size.rate, ended)
        gone, back = _break(house, outage)
        time.sleep(size.after)
        ended.set()
        talking.join()
        answers = talk.wait()
        stand.telegram.wait_idle(60)
        house.over.set()
        supervisor.join()
        answered = [talk.said[key] + took for key, took in answers.latencies.items() if talk.said[key] < back]
        caught_up = max(answered, default=back) - back
        result = _report(outage, answers, stand.telegram.deliveries(start), (gone, back), caught_up)
        result.table(("workers", ""), [("ended by themselves, and were started again", house.replaced)])
        return result


def _break(house: House, outage: Outage) -> tuple[float, float]:
    """Have the server go and come back; returns when it was away."""
    server = getattr(house.stand, outage.server)
    time.sleep(house.size.before)
    outage.leave(server)
    gone = time.monotonic()
    try:
        time.sleep(getattr(house.size, outage.seconds))
    finally:
        back = time.monotonic()
        outage.return_(server)
    return gone, back


def _report(
    outage: Outage, answers: Answers, deliveries: list[Delivery], away_from: tuple[float, float], caught_up: float
) -> Result:
    result = Result()
    gone, back = away_from
    result.table(("webhook calls", "count", "statuses", "p95", "slowest"), _phases(deliveries, gone, back))
    away = _during(deliveries, gone, back)
    # A call that was still under way when the server came back may be answered by it.
    statuses = Counter(delivery.status for delivery in away if delivery.monotonic + delivery.seconds < back)
    slowest = max((delivery.seconds for delivery in away), default=0.0)
    again = sum(delivery.attempt > 1 for delivery in deliveries)
    result.table(
        ("messages", ""),
        [
            ("said", answers.said),
            ("lost", len(answers.lost)),
            ("out of order", len(answers.disordered)),
            ("sent twice", answers.doubles),
            ("away for", seconds(back - gone)),
            ("calls of the webhook that were made again", again),
            ("all said until then answered, after it was back", seconds(max(0.0, caught_up))),
            ("longest wait for an answer", seconds(max(answers.latencies.values(), default=0.0))),
        ],
    )
    check(result, answers, "afterwards")
    if outage.status is None:
        result.promise(f"no webhook is refused while it is away ({dict(statuses)})", set(statuses) <= {200})
        return result
    result.promise(
        f"while it is away webhooks answer {outage.status} ({dict(statuses)})", set(statuses) <= {outage.status}
    )
    result.promise("webhooks are called, and answer, while it is away", bool(statuses))
    result.promise_soon(f"while it is away webhooks answer within {QUICKLY:g} s ({slowest:.2f} s)", slowest < QUICKLY)
    return result


def _during(deliveries: list[Delivery], gone: float, back: float) -> list[Delivery]:
    """Return the calls that were made while the server was away."""
    return [delivery for delivery in deliveries if gone <= delivery.monotonic < back]


def _phases(deliveries: list[Delivery], gone: float, back: float) -> Iterator[Row]:
    for name, begin, end in (("before", 0.0, gone), ("away", gone, back), ("after", back, float("inf"))):
        calls = _during(deliveries, begin, end)
        statuses = Counter(delivery.status for delivery in calls)
        told = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items())) or "none"
        took = [delivery.seconds for delivery in calls]
        yield name, len(calls), told, seconds(percentile(took, 0.95)), seconds(max(took, default=0.0))
