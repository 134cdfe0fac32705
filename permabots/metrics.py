"""The metrics for Prometheus, where the extra ``permabots[metrics]`` is installed. Without it nothing is counted.

The outcome of a turn or a call is counted directly before its row is committed, by the process that writes the row. A
process that is killed in between, or whose lease was lost, has counted one outcome too many, which the row's next
attempt shows, and never one too few. Stored messages, and messages given up without an attempt, are counted after
their rows are committed: no attempt would show the difference. A failure to count never affects a message: it is
logged, once a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from permabots import logs

logger = logs.get_logger(__name__)

WARNING_INTERVAL = 60.0
"""Seconds between two log lines about metrics that cannot be written."""

_no_warning_before = 0.0

WEBHOOK_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CALL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0)
ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
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
            "permabots_webhook_seconds", "Answering a provider's webhook.", ["provider"], buckets=WEBHOOK_BUCKETS
        ),
        "turn": Histogram("permabots_turn_seconds", "Turns, all in all.", ["provider"], buckets=CALL_BUCKETS),
        "send": Histogram("permabots_send_seconds", "Calls to providers.", ["provider"], buckets=CALL_BUCKETS),
        "answer": Histogram(
            "permabots_answer_seconds",
            "From storing a message to its first answer sent.",
            ["provider"],
            buckets=ANSWER_BUCKETS,
        ),
    }


def accepted(provider: str) -> None:
    """Count an incoming message that was stored; a redelivered one is not counted.

    Args:
        provider: the provider's slug.
    """
    if ENABLED:
        with _log_write_errors():
            ACCEPTED.labels(provider).inc()


def turn_done(provider: str, outcome: str, rows: int = 1) -> None:
    """Count turns by their outcome.

    Args:
        provider: the provider's slug.
        outcome: the status that is written; "retry" where the turn is begun again after a fault.
        rows: the number of messages.
    """
    if ENABLED:
        with _log_write_errors():
            TURNS.labels(provider, str(outcome)).inc(rows)


def send_done(provider: str, outcome: str, rows: int = 1) -> None:
    """Count calls to providers by their outcome.

    Args:
        provider: the provider's slug.
        outcome: the status that is written; "retry" where the call is made again.
        rows: the number of messages.
    """
    if ENABLED:
        with _log_write_errors():
            SENDS.labels(provider, str(outcome)).inc(rows)


def observe(name: str, provider: str, seconds: float) -> None:
    """Record a duration in one of the histograms.

    Args:
        name: a key of `TIMES`.
        provider: the provider's slug.
        seconds: the duration; one below 0 counts as 0, since two machines' clocks may differ.
    """
    if ENABLED:
        with _log_write_errors():
            TIMES[name].labels(provider).observe(max(0.0, seconds))


@contextmanager
def timed(name: str, provider: str) -> Iterator[None]:
    """Record the duration of a block, whether it returned or raised.

    Args:
        name: a key of `TIMES`.
        provider: the provider's slug.
    """
    if not ENABLED:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(name, provider, time.perf_counter() - began)


@contextmanager
def _log_write_errors() -> Iterator[None]:
    """Log an OSError of the block instead of raising it: with several processes the metrics are files, and a full disk
    must not undo a turn."""
    global _no_warning_before
    try:
        yield
    except OSError as error:
        if time.monotonic() > _no_warning_before:
            _no_warning_before = time.monotonic() + WARNING_INTERVAL
            logger.warning("metrics not written: %s", error)


Values = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value that is read at each scrape, by the process that is scraped.

    Args:
        name: the metric's name.
        help: one sentence that explains it.
        labels: the names of its labels.
        read: returns the value for each combination of labels.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Values]


GAUGES: dict[str, Gauge] = {}
"""The gauges of `add_gauge`, by name."""


def add_gauge(name: str, text: str, labels: tuple[str, ...], read: Callable[[], Values]) -> None:
    """Add a gauge whose value is read at each scrape.

    Args:
        name: the metric's name; a second gauge of the same name replaces the first.
        text: one sentence that explains it.
        labels: the names of its labels.
        read: returns the value for each combination of labels; it may query the database.
    """
    GAUGES[name] = Gauge(name, text, labels, read)
