"""What is counted for Prometheus where the extra ``permabots[metrics]`` is installed. Elsewhere nothing happens.

What a turn or a call came to is counted directly before the row that says so is committed, by the process that writes
it: one that is killed in between has counted too much, which the row's further attempt shows, and never too little.
What is stored, or given up without a try, is counted after its row: no attempt would show it. Nothing that goes wrong
with counting is allowed to touch a message: it is logged, once a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from permabots import logs

logger = logs.get_logger(__name__)

SILENCE = 60.0
"""Seconds between two lines about counting that fails."""

_silent_until = 0.0

QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0)
PATIENT = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of histograms' buckets, in seconds."""

try:
    from prometheus_client import Counter, Histogram
except ImportError:
    ENABLED = False
else:
    ENABLED = True
    ACCEPTED = Counter("permabots_messages_accepted", "Incoming messages stored.", ["provider"])
    TURNS = Counter("permabots_turns", "Turns by what became of the message.", ["provider", "outcome"])
    SENDS = Counter("permabots_sends", "Calls to providers by what came of them.", ["provider", "outcome"])
    TIMES = {
        "webhook": Histogram(
            "permabots_webhook_seconds", "Answering a provider's webhook.", ["provider"], buckets=QUICK
        ),
        "turn": Histogram("permabots_turn_seconds", "Turns, all in all.", ["provider"], buckets=SLOW),
        "send": Histogram("permabots_send_seconds", "Calls to providers.", ["provider"], buckets=SLOW),
        "answer": Histogram(
            "permabots_answer_seconds",
            "From storing a message to its first answer sent.",
            ["provider"],
            buckets=PATIENT,
        ),
    }


def accepted(provider: str) -> None:
    """Count an incoming message that was stored: a repeat is none."""
    if ENABLED:
        with _harmless():
            ACCEPTED.labels(provider).inc()


def turn_done(provider: str, outcome: str, rows: int = 1) -> None:
    """Count messages by what became of them.

    Args:
        provider: the messenger.
        outcome: the status that is written; "retry" where the message is to be begun again after a fault.
        rows: how many.
    """
    if ENABLED:
        with _harmless():
            TURNS.labels(provider, str(outcome)).inc(rows)


def send_done(provider: str, outcome: str, rows: int = 1) -> None:
    """Count calls by what came of them.

    Args:
        provider: the messenger.
        outcome: the status that is written; "retry" where the call is to be made again.
        rows: how many.
    """
    if ENABLED:
        with _harmless():
            SENDS.labels(provider, str(outcome)).inc(rows)


def observe(what: str, provider: str, seconds: float) -> None:
    """Note how long something took.

    Args:
        what: a key of `TIMES`.
        provider: the messenger.
        seconds: never counted as below 0: two machines' clocks may differ.
    """
    if ENABLED:
        with _harmless():
            TIMES[what].labels(provider).observe(max(0.0, seconds))


@contextmanager
def timed(what: str, provider: str) -> Iterator[None]:
    """Note how long a block took, however it ended."""
    if not ENABLED:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(what, provider, time.perf_counter() - began)


@contextmanager
def _harmless() -> Iterator[None]:
    """Several processes count in files: a disk that is full must not undo what was answered."""
    global _silent_until
    try:
        yield
    except OSError as error:
        if time.monotonic() > _silent_until:
            _silent_until = time.monotonic() + SILENCE
            logger.warning("metrics not written: %s", error)


Values = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value that is asked for at each scrape, by the process that is scraped.

    Args:
        name: as Prometheus shows it.
        help: one sentence.
        labels: the names of its labels.
        read: returns the value for each combination of labels.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Values]


GAUGES: dict[str, Gauge] = {}
"""What `add_gauge` was given, by name."""


def add_gauge(name: str, text: str, labels: tuple[str, ...], read: Callable[[], Values]) -> None:
    """Have a value asked for at each scrape.

    Args:
        name: as Prometheus shows it; a second one of the name takes the first one's place.
        text: one sentence that explains it.
        labels: the names of its labels.
        read: returns the value for each combination of labels; it may ask the database.
    """
    GAUGES[name] = Gauge(name, text, labels, read)
