"""Whose an event is, where one webhook serves several accounts (a Facebook app has one for all of its pages)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.apps import apps
from django.db import IntegrityError

from permabots import logs
from permabots.models import IntegrationBot
from permabots.models.registry import providers
from permabots.pipeline.receiving import webhook_cache
from permabots.pipeline.receiving.webhook_cache import WebhookTarget
from permabots.values import Identity

logger = logs.get_logger(__name__)


def door_of(door: WebhookTarget, account: str) -> WebhookTarget | None:
    """Return the integration that an event is for.

    Another integration is only reached by events that the same secret proves: whoever may speak for one page of an app
    may speak for the others, and nobody else may. A row that does not know its account yet learns it from the first
    event that is proved.

    Args:
        door: the integration whose webhook brought it.
        account: what the event says, "" where it says nothing.

    Returns:
        The integration; None where no bot here serves that account.
    """
    if account in {"", door.identity.id}:
        return door
    proved = providers()[door.slug].authenticates(door.secrets)
    if not door.identity.id:
        return _learn(door, account) if proved else door
    return _sibling(door, account) if proved else None


def _learn(door: WebhookTarget, account: str) -> WebhookTarget:
    row: IntegrationBot = _table(door).objects.get(pk=door.integration_id)
    try:
        row.learn_account(account)
    except IntegrityError:
        logger.warning("%s: account %s serves another bot already", door, account)
        return door
    return replace(door, identity=Identity(account))


def _sibling(door: WebhookTarget, account: str) -> WebhookTarget | None:
    """Return the integration of another account under the same secrets: the cached one while it still is."""
    pk = webhook_cache.get_sibling(door, account)
    if (
        pk is not None
        and (found := webhook_cache.get_webhook_target(door.slug, pk)) is not None
        and _fits(found, door, account)
    ):
        return found
    rows = _table(door).objects.filter(account=account, bot__isnull=False).order_by("created_at", "pk")
    for pk in rows.values_list("pk", flat=True):
        found = webhook_cache.get_webhook_target(door.slug, pk)
        if found is not None and _fits(found, door, account):
            webhook_cache.set_sibling(door, account, pk)
            return found
    return None


def _fits(found: WebhookTarget, door: WebhookTarget, account: str) -> bool:
    return found.bot_id is not None and found.identity.id == account and found.secrets == door.secrets


def _table(door: WebhookTarget) -> Any:
    return apps.get_model(providers()[door.slug].model)
