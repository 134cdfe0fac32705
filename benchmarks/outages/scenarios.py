"""All scenarios, by their names."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.outages.away import OUTAGES, scenario
from benchmarks.outages.flood import flood
from benchmarks.outages.flush import redis_flush
from benchmarks.outages.metrics import metrics
from benchmarks.outages.result import Result
from benchmarks.outages.stand import Size, Stand

SCENARIOS: dict[str, Callable[[Stand, Size], Result]] = {
    "redis-flush": redis_flush,
    **{name: scenario(name) for name in OUTAGES},
    "flood": flood,
    "metrics": metrics,
}
