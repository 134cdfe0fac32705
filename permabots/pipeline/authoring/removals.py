"""Removing webhooks and credentials that no bot has any more: by workers only, since a provider may not answer."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import F, Q
from django.db.models.functions import Now

from permabots import logs
from permabots.conf import get_config
from permabots.exceptions import CredentialsRefused, ProviderError, SecretUnreadable
from permabots.models import IntegrationBot
from permabots.models.encrypted import encrypted_fields
from permabots.models.registry import providers
from permabots.models.traffic import delete_stored

logger = logs.get_logger(__name__)

Status = IntegrationBot.Status
STALE_CONNECT_AFTER = timedelta(minutes=10)
"""Time after which a row that is still being connected has lost its process."""
AGAIN = timedelta(minutes=5)
"""Time before a provider that did not answer is asked again, by anybody."""
MAX_WITHOUT_ANSWER = 5
"""Rows of one provider that may wait for that: a provider that hangs holds up a worker for so many calls in `AGAIN`."""


def has_due() -> bool:
    """Whether something is to be removed now."""
    return any(_due(table).exists() for table in _tables())


def finish() -> int:
    """Remove due rows, each by one worker, for no longer than a drain may last; the next task does the rest.

    Returns:
        How many rows are gone now.
    """
    gone, until = 0, time.monotonic() + get_config().drain_seconds
    for table in _tables():
        while time.monotonic() < until and (row := _claim(table)) is not None:
            gone += _remove(row)
    return gone


def _tables() -> list[Any]:
    return [apps.get_model(provider.model) for provider in providers().values()]


def _due(table: Any) -> Any:
    """Released rows, and rows of an `attach` that never ended. A row that a bot has is neither."""
    return table.objects.filter(_claimable(), bot__isnull=True)


def _claimable() -> Q:
    """The conditions on the row's own columns."""
    unused = Q(status=Status.REMOVING) | Q(status=Status.PENDING, updated_at__lt=Now() - STALE_CONNECT_AFTER)
    return unused & (Q(removal_due=None) | Q(removal_due__lte=Now()))


def _claim(table: Any) -> IntegrationBot | None:
    """Take the row that has waited longest; None where there is none, or too many have had no answer lately."""
    if table.objects.filter(status=Status.REMOVING, removal_due__gt=Now()).count() >= MAX_WITHOUT_ANSWER:
        return None
    waiting = _due(table).order_by(F("removal_due").asc(nulls_first=True), "updated_at", "pk")
    for pk in waiting.values_list("pk", flat=True)[: 2 * MAX_WITHOUT_ANSWER]:
        # By the row's own columns: a condition on another table is not asked again once another worker has claimed it.
        if table.objects.filter(_claimable(), pk=pk).update(
            **IntegrationBot.RELEASED_VALUES, removal_due=Now() + AGAIN
        ):
            row: IntegrationBot = table.objects.get(pk=pk)
            return row
    return None


def _remove(row: IntegrationBot) -> bool:
    """Remove the webhook of a row, and the row; False when the provider did not answer.

    A webhook that points elsewhere by now belongs to somebody else and stays.
    """
    if row.webhook_url:
        try:
            client = None if _is_connected_again(row) else row.client()
            if client is not None and client.webhook_info().url in {row.webhook_url, None}:
                client.remove_webhook()
        except CredentialsRefused as error:
            # Nothing can be asked with them any more, so there is nothing left to try.
            logger.warning("webhook of %s not removed: %s", row, error)
        except ProviderError as error:
            row.note_error(error)
            logger.warning("webhook of %s not removed yet: %s", row, error)
            return False
        except SecretUnreadable as error:
            logger.warning("webhook of %s not removed yet: %s", row, error)
            return False
    delete_stored(type(row)._default_manager.filter(pk=row.pk))
    row.delete()
    return True


def _is_connected_again(row: IntegrationBot) -> bool:
    """Whether a bot has the same credentials: then the webhook is its, whether or not a provider says whose it is.

    Secrets are compared one by one: the database cannot, since each encryption of a secret has another text.
    """
    names = row.provider.credential_fields
    table: Any = type(row)
    secrets = {field.name for field in encrypted_fields(table)}
    wanted = row.values(names)
    others = table._default_manager.filter(bot__isnull=False)
    same = others.filter(**{name: wanted[name] for name in names if name not in secrets}).only(*names)
    return any(_has_values(other, wanted) for other in same.iterator())


def _has_values(row: IntegrationBot, values: dict[str, str]) -> bool:
    try:
        return row.values(tuple(values)) == values
    except SecretUnreadable:
        return False
