"""The names of bots at their providers: workers ask again, since a bot may be renamed there at any time.

Each account is asked once a day, and when a message in a group names a bot that is not known: it may be ours.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.dispatch import Signal
from django.utils import timezone

from permabots import logs
from permabots.conf import get_config
from permabots.exceptions import ProviderError, Retryable, SecretUnreadable
from permabots.models import IntegrationBot
from permabots.models.integration import IDENTIFY_INTERVAL as INTERVAL
from permabots.models.registry import model_of, providers
from permabots.pipeline.receiving import webhook_cache
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.values import Inbound

logger = logs.get_logger(__name__)

MIN_REFRESH_INTERVAL = timedelta(minutes=1)
"""The shortest time between two questions for one account, however many messages name other bots."""
AWAY = timedelta(minutes=10)
"""How long nobody asks a provider that did not answer."""

refresh_requested = Signal()
"""Sent with ``slug`` and ``integration_id`` when a message names a bot that may be ours."""


def request_refresh(target: WebhookTarget, event: Inbound) -> None:
    """Have a worker ask who an account is, where an event may be for it under a name that is not known yet.

    Args:
        target: the integration that the event came to.
        event: as its provider parsed it.
    """
    if providers()[target.slug].may_name_us(event) and webhook_cache.is_first_refresh_request(target):
        refresh_requested.send(Inbound, slug=target.slug, integration_id=target.integration_id)


def has_due() -> bool:
    """Whether a provider is to be asked for an account's name now."""
    return any(_due(slug).exists() for slug in providers())


def refresh_due() -> None:
    """Ask for the accounts that are due, for no longer than a drain may last; the next call asks for the others."""
    until = time.monotonic() + get_config().drain_seconds
    for slug in providers():
        for pk in list(_due(slug).order_by("identify_due", "pk").values_list("pk", flat=True)):
            if time.monotonic() > until or not _refresh(slug, _due(slug).filter(pk=pk)):
                break


def refresh_requested_account(slug: str, integration_id: UUID) -> None:
    """Ask who one account is, unless that was done a moment ago.

    Args:
        slug: the provider.
        integration_id: its row of credentials.
    """
    not_lately = Q(identify_due=None) | Q(identify_due__lt=Now() + INTERVAL - MIN_REFRESH_INTERVAL)
    _refresh(slug, _used(slug).filter(not_lately, pk=integration_id))


def refresh(row: IntegrationBot) -> str:
    """Ask the provider who an account is, and keep it.

    Args:
        row: a connected account.

    Returns:
        The name that is new, "" where it is the known one.

    Raises:
        ProviderError: it does not say.
    """
    before, person = row.account_identity(), row.client().identify()
    if row.account not in {None, person.id}:
        logger.warning("%s: the credentials are another account's by now, which is not taken over", row)
        return ""
    try:
        row.update_identity(person)
    except IntegrityError:
        logger.warning("%s: its account serves another bot", row)
        return ""
    row.write(identify_due=timezone.now() + INTERVAL)
    return person.username if person.username != before.username else ""


def _used(slug: str) -> Any:
    return model_of(slug).objects.filter(enabled=True, status=IntegrationBot.Status.CONNECTED, bot__isnull=False)


def _due(slug: str) -> Any:
    """Accounts in use that are to be asked now, or were to be before the clock was set back."""
    now = Q(identify_due=None) | Q(identify_due__lte=Now()) | Q(identify_due__gt=Now() + INTERVAL)
    return _used(slug).filter(now)


def _refresh(slug: str, rows: Any) -> bool:
    """Ask one account, by one worker: who comes first writes the next time before the provider is asked.

    Returns:
        False where the provider is away: then nobody asks it for a while, else each account would hold up a worker.
    """
    found = rows.select_related("user_api").first()
    if found is None:
        return True
    # By the row's own columns: a condition on another table is not asked again once another worker has claimed the row.
    due = Q(identify_due__lte=found.identify_due) if found.identify_due else Q(identify_due=None)
    if not model_of(slug).objects.filter(due, pk=found.pk).update(identify_due=Now() + INTERVAL):
        return True
    row: IntegrationBot = found
    try:
        if name := refresh(row):
            logger.info("%s is called %s now", row, name)
    except Retryable as error:
        logger.warning("%s does not say who it is: %s", row, error)
        _due(slug).update(identify_due=Now() + AWAY)
        return False
    except (ProviderError, SecretUnreadable) as error:
        logger.warning("%s does not say who it is: %s: %s", row, type(error).__name__, error)
    return True
