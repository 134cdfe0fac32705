"""APIs of bots' authors that do not answer: what all workers know of them."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from permabots.models.base import MachineColumns


class ApiHealthQuerySet(models.QuerySet["ApiHealth"]):
    """The circuit breaker: conditional updates, each a transaction of its own, by the database's clock."""

    def count_failure(self, error: str) -> int:
        """Count a call without answer while the breaker is closed: those that were under way when it opened do not."""
        return self.filter(open_until=None).update(failures=F("failures") + 1, last_error=error, changed_at=Now())

    def open(self, failures: int, seconds: float) -> bool:
        """Open the breaker if it is closed and has ``failures`` at least; True for the one caller that opened it."""
        ripe = self.filter(open_until=None, failures__gte=failures)
        return bool(ripe.update(open_until=Now() + timedelta(seconds=seconds)))

    def claim_probe(self, seconds: float) -> bool:
        """Take the one call by which an open breaker whose time has passed asks again; everybody else waits for it.

        Args:
            seconds: how long the others wait at most: longer than the call can take.
        """
        due = self.filter(open_until__lte=Now())
        return bool(due.update(open_until=Now() + timedelta(seconds=seconds)))

    def stay_open(self, failures: int, seconds: float, error: str) -> int:
        """Keep the breaker open after such a call failed; ``failures`` are those before it, so that it counts once."""
        until = Now() + timedelta(seconds=seconds)
        same = self.filter(failures=failures, open_until__isnull=False)
        return same.update(failures=failures + 1, open_until=until, last_error=error, changed_at=Now())


class ApiHealth(MachineColumns):
    """One API of one bot that did not answer when it was asked last. One that answers has no row.

    Attributes:
        bot: whose author's it is.
        origin: scheme, host and port of what was called.
        failures: calls without answer in a row.
        open_until: it is not called before, by the database's clock; None while the breaker is closed.
        last_error: what was wrong with the last of them, without addresses and secrets.
        changed_at: when that was.
    """

    MACHINE = frozenset({"failures", "open_until", "last_error", "changed_at"})

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="api_health")
    origin = models.CharField(max_length=300)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=255, default="")
    changed_at = models.DateTimeField(auto_now_add=True)

    objects = ApiHealthQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "origin"], name="permabots_api_health_once")]
        verbose_name_plural = "API health"

    def __str__(self) -> str:
        return f"{self.origin}: {self.failures} failures"
