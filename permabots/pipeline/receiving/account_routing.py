"""Which account an event belongs to, where one webhook serves several (a Facebook app has one for all of its pages)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.apps import apps
from django.db import IntegrityError

from permabots import logs
from permabots.models import IntegrationBot
from permabots.models.registry import providers
from permabots.pipeline.receiving import webhook_cache
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.values import Identity

logger = logs.get_logger(__name__)


def target_for_account(target: WebhookTarget, account: str) -> WebhookTarget | None:
    """Return the integration that an event is for.

    Another integration is only reached by events that the same secret proves: whoever may speak for one page of an app
    may speak for the others, and nobody else may. A row that does not know its account yet learns it from the first
    event that is proved.

    Args:
        target: the integration whose webhook brought it.
        account: what the event says, "" where it says nothing.

    Returns:
        The integration; None where no bot here serves that account.
    """
    if account in {"", target.identity.id}:
        return target
    proved = providers()[target.slug].can_verify(target.secrets)
    if not target.identity.id:
        return _learn(target, account) if proved else target
    return _other_target(target, account) if proved else None


def _learn(target: WebhookTarget, account: str) -> WebhookTarget:
    row: IntegrationBot = _table(target).objects.get(pk=target.integration_id)
    try:
        row.learn_account(account)
    except IntegrityError:
        logger.warning("%s: account %s serves another bot already", target, account)
        return target
    return replace(target, identity=Identity(account))


def _other_target(target: WebhookTarget, account: str) -> WebhookTarget | None:
    """Return the integration of another account under the same secrets: the cached one while it still is."""
    pk = webhook_cache.get_integration_for_account(target, account)
    if (
        pk is not None
        and (found := webhook_cache.get_webhook_target(target.slug, pk)) is not None
        and _fits(found, target, account)
    ):
        return found
    rows = _table(target).objects.filter(account=account, bot__isnull=False).order_by("created_at", "pk")
    for pk in rows.values_list("pk", flat=True):
        found = webhook_cache.get_webhook_target(target.slug, pk)
        if found is not None and _fits(found, target, account):
            webhook_cache.set_integration_for_account(target, account, pk)
            return found
    return None


def _fits(found: WebhookTarget, target: WebhookTarget, account: str) -> bool:
    return found.bot_id is not None and found.identity.id == account and found.secrets == target.secrets


def _table(target: WebhookTarget) -> Any:
    return apps.get_model(providers()[target.slug].model)
