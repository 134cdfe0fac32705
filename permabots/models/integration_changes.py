"""Who is told when an account changes otherwise than by `save`, or is let go."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.dispatch import Signal

integration_changed = Signal()
"""Sent with ``sender``, a table of credentials, and ``pk`` when `update` changed a row: it sends no other."""


account_let_go = Signal()
"""Sent with ``sender``, a table of credentials, when a row of it is to be removed: whoever can has a worker do that."""


class IntegrationQuerySet(models.QuerySet[Any]):
    """A queryset whose `update` tells who keeps something of a row."""

    def update(self, **values: Any) -> int:
        """Update the rows, and send `integration_changed` for each."""
        rows = list(self.order_by().values_list("pk", flat=True))
        changed = super().update(**values)
        for pk in rows:
            integration_changed.send(self.model, pk=pk)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]
