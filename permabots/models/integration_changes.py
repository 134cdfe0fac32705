"""Signals for changes of accounts that Django's own signals do not report."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.dispatch import Signal

integration_changed = Signal()
"""Sent when `update` changed an account, for which Django sends none: with ``sender``, its table, and ``pk``."""


account_released = Signal()
"""Sent when an account is to be removed: with ``sender``, the account's table. The receiver publishes a task for it."""


class IntegrationQuerySet(models.QuerySet[Any]):
    """A queryset whose `update` sends `integration_changed`: caches of the row are out of date then."""

    def update(self, **values: Any) -> int:
        """Update the rows, and send `integration_changed` for each."""
        rows = list(self.order_by().values_list("pk", flat=True))
        changed = super().update(**values)
        for pk in rows:
            integration_changed.send(self.model, pk=pk)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]
