"""Reading the metrics as Prometheus does."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from permabots.models import InboundMessage, OutboundMessage

Samples = Counter[tuple[str, ...]]
LABELS = ("state", "bot", "kind", "provider", "outcome", "status")


def scraped(text: str) -> Samples:
    """Return the samples of permabots in a scrape: name and the values of its labels -> value."""
    return Counter(
        {
            (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name.startswith("permabots_") and not sample.name.endswith(("_created", "_bucket"))
        }
    )


def scrape(**headers: str) -> Samples:
    with override_settings(PERMABOTS={**getattr(settings, "PERMABOTS", {}), "METRICS_PUBLIC": True}):
        answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return scraped(answer.content.decode())


def of_rows() -> Samples:
    """Return what the counters must say if they agree with the rows."""
    found: Samples = Counter()
    for status, provider in InboundMessage.objects.values_list("status", "provider"):
        found["permabots_messages_accepted_total", provider] += 1
        if status not in {"pending", "ignored"}:
            found["permabots_turns_total", provider, status] += 1
    for status, provider in OutboundMessage.objects.values_list("status", "conversation__provider"):
        if status not in {"pending", "started"}:
            found["permabots_sends_total", provider, status] += 1
    return found
