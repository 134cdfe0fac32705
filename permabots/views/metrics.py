"""The metrics that Prometheus scrapes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from permabots import logs, metrics
from permabots.conf import get_config
from permabots.database import non_atomic_requests
from permabots.models import Bot
from permabots.models.registry import providers
from permabots.page_headers import protected_data
from permabots.pipeline.operating import backlog
from permabots.pipeline.user_api import circuit_breaker
from permabots.views.operators import is_operator

logger = logs.get_logger(__name__)


class RowsCollector(Collector):
    """The gauges at the moment of the scrape: waiting work, given up work, and APIs with an open circuit breaker.

    It is not in the library's own registry; a project that exposes that registry may register it there.
    """

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that registering it asks the database nothing."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; none while the database is away, so that the counters can still be read."""
        try:
            yield from [*_backlog(), _breakers(), _deaths(), *map(_family, metrics.GAUGES.values())]
        except Error as error:
            logger.warning("the database is away, metrics without gauges: %s", type(error).__name__)


def _backlog() -> list[GaugeMetricFamily]:
    labels = ["kind", "provider", "status"]
    rows = GaugeMetricFamily("permabots_rows", "Rows that wait, are on their way, or failed.", labels=labels)
    age = GaugeMetricFamily("permabots_oldest_seconds", "How long the oldest of them has been due.", labels=labels)
    counted = {(one.kind, one.provider, one.status): (one.rows, one.seconds) for one in backlog.count()}
    for key in {**dict.fromkeys(_usual()), **counted}:
        number, seconds = counted.get(key, (0, 0.0))
        rows.add_metric(list(key), number)
        age.add_metric(list(key), seconds)
    return [rows, age]


def _usual() -> Iterator[tuple[str, str, str]]:
    """Yield the label values that are always present, with 0 where there is nothing: alerts need a steady series."""
    for slug in providers():
        yield from (("inbound", slug, status) for status in ("pending", "parked", "failed"))
        yield from (("outbound", slug, status) for status in ("pending", "started", "parked"))
    yield from (("notification", "", status) for status in ("pending", "parked"))


def _breakers() -> GaugeMetricFamily:
    now = timezone.now()
    states = Counter("open" if one.open_until > now else "half-open" for one in circuit_breaker.open_breakers())
    family = GaugeMetricFamily("permabots_breakers", "APIs of bots' authors that are left alone.", labels=["state"])
    for state in ("open", "half-open"):
        family.add_metric([state], states[state])
    return family


def _deaths() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "permabots_worker_deaths", "Workers that a bot's messages killed.", labels=["bot", "name"]
    )
    for bot in Bot.objects.filter(worker_deaths__gt=0).order_by("pk"):
        family.add_metric([str(bot.pk), bot.name], bot.worker_deaths)
    return family


def _family(gauge: metrics.Gauge) -> GaugeMetricFamily:
    family = GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
    for values, value in gauge.read().items():
        family.add_metric(list(values), value)
    return family


def _registries() -> list[CollectorRegistry]:
    """Return the registries to show: of all processes of this machine where they share files, else of this process."""
    own = CollectorRegistry()
    own.register(RowsCollector())
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return [REGISTRY, own]
    MultiProcessCollector(own)  # type: ignore[no-untyped-call] # it is annotated in part
    return [own]


@method_decorator([login_not_required, never_cache, non_atomic_requests, protected_data], name="dispatch")
class MetricsView(View):
    """Shows the metrics in Prometheus's text format."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer the metrics to operators; to others 401 where ``METRICS_TOKEN`` is set, and 403 where nothing opens
        them."""
        if not is_operator(request):
            if get_config().metrics_token:
                return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
            logger.warning("metrics refused: neither METRICS_TOKEN nor METRICS_PUBLIC is set")
            return HttpResponse(status=403)
        text = b"".join(generate_latest(registry) for registry in _registries())
        return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
