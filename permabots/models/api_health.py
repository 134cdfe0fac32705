"""User APIs that do not answer: the state of their circuit breakers, shared by all workers."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from permabots.models.base import MachineColumns


class ApiHealthQuerySet(models.QuerySet["ApiHealth"]):
    """The circuit breaker: conditional updates, each a transaction of its own, by the database's clock."""

    def count_failure(self, error: str) -> int:
        """Count a call without a response while the breaker is closed; calls that were in flight when it opened do not
        count.

        Args:
            error: the reason, without addresses and secrets.

        Returns:
            The number of rows that were updated: 0 or 1.
        """
        return self.filter(open_until=None).update(failures=F("failures") + 1, last_error=error, changed_at=Now())

    def open(self, failures: int, seconds: float) -> bool:
        """Open the breaker if it is closed and has counted at least so many failures.

        Args:
            failures: the failures that open it.
            seconds: how long the API is not called.

        Returns:
            True for the one caller that opened it.
        """
        ripe = self.filter(open_until=None, failures__gte=failures)
        return bool(ripe.update(open_until=Now() + timedelta(seconds=seconds)))

    def claim_probe(self, seconds: float) -> bool:
        """Claim the probe of an open breaker whose time is over: the one call that tries the API again.

        Args:
            seconds: how long other callers wait for the probe at most: longer than the call can take.

        Returns:
            True for the one caller that makes the probe.
        """
        due = self.filter(open_until__lte=Now())
        return bool(due.update(open_until=Now() + timedelta(seconds=seconds)))

    def stay_open(self, failures: int, seconds: float, error: str) -> int:
        """Keep the breaker open after a probe failed.

        Args:
            failures: the count before the probe, so that each probe counts once.
            seconds: how long the API is not called.
            error: the reason, without addresses and secrets.

        Returns:
            The number of rows that were updated: 0 or 1.
        """
        until = Now() + timedelta(seconds=seconds)
        same = self.filter(failures=failures, open_until__isnull=False)
        return same.update(failures=failures + 1, open_until=until, last_error=error, changed_at=Now())


class ApiHealth(MachineColumns):
    """One user API that did not answer one bot's last call. An API that answers has no row.

    Attributes:
        bot: the bot that calls it.
        origin: scheme, host and port of the API.
        failures: the number of calls in a row without a response.
        open_until: the API is not called before this time, by the database's clock; None while the breaker is closed.
        last_error: the reason of the last failure, without addresses and secrets.
        changed_at: the time of the last failure.
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
