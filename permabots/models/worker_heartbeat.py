"""That workers live: one row, in which whoever has done a sweep writes the time."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from permabots.models.base import MachineColumns

ONLY = 1
"""The id of the one row."""


class WorkerHeartbeatQuerySet(models.QuerySet["WorkerHeartbeat"]):
    """Writing and reading the row, both by the database's clock: web servers and workers may have others."""

    def beat(self) -> None:
        """Write that a worker has done a sweep now."""
        if not self.filter(pk=ONLY).update(last_sweep_at=Now()):
            # Two first sweeps at once: the second row is left out.
            self.bulk_create([self.model(pk=ONLY, last_sweep_at=Now())], ignore_conflicts=True)

    def age(self) -> float | None:
        """Return how many seconds ago a worker last did a sweep; None where none ever did.

        A time in the future, of before the clock was set back, is as far from now as it is: it proves no worker.
        """
        found = self.filter(pk=ONLY).annotate(now=Now()).values_list("now", "last_sweep_at").first()
        return None if found is None else abs((found[0] - found[1]).total_seconds())


class WorkerHeartbeat(MachineColumns):
    """The one row that tells whether workers live.

    Attributes:
        last_sweep_at: when a worker last did a sweep, by the database's clock.
    """

    MACHINE = frozenset({"last_sweep_at"})

    last_sweep_at = models.DateTimeField()

    objects = WorkerHeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return f"last sweep at {self.last_sweep_at}"
