"""Tasks that call providers outside of turns: acknowledgements, removals, account names. No message waits for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.db import close_old_connections
from django.dispatch import receiver

from permabots import broker, logs
from permabots.broker import Order
from permabots.conf import config_at_start
from permabots.database import after_commit
from permabots.models.integration import account_released
from permabots.pipeline.authoring import removals
from permabots.pipeline.receiving import acknowledgements, identities

_config = config_at_start()
# A drain may spend its budget and then one whole turn: the user's API, the templates, one send.
_LONGEST = _config.drain_seconds + _config.request_timeout + _config.render_timeout + _config.send_timeout
SOFT_LIMIT = int(_LONGEST) + 30
HARD_LIMIT = SOFT_LIMIT + 30
"""Seconds, where the worker's pool has time limits (prefork). Every step has a limit of its own; these two are for a
step that hangs all the same."""


def publish(task: Task[Any, Any], *args: Any, **options: Any) -> None:
    """Publish a task once the rows are committed: at once outside of a transaction.

    Args:
        task: the task.
        args: its arguments: ids, never data.
        options: ``countdown`` and ``expires``, as `broker.publish` takes them.
    """
    after_commit(broker.publish, task, *args, **options)


@shared_task(
    name="permabots.acknowledge",
    ignore_result=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def acknowledge(provider: str, integration_id: str, external_id: str) -> None:
    """Stop a pressed button's spinner: at once, since the answer may wait for an API and for earlier messages.

    Nothing depends on the acknowledgement, so a failed one is not tried again.

    Args:
        provider: the provider's slug.
        integration_id: the account's row.
        external_id: the provider's id of the event.
    """
    close_old_connections()
    with logs.bind(provider=provider):
        acknowledgements.send(provider, UUID(integration_id), external_id)


@receiver(acknowledgements.wanted, dispatch_uid="permabots.acknowledge")
def _acknowledge_soon(slug: str, integration_id: UUID, external_id: str, busy: bool, **_: Any) -> None:
    expires = acknowledgements.ACKNOWLEDGE_WITHIN
    order = Order.BUSY if busy else Order.FIRST
    publish(acknowledge, slug, str(integration_id), external_id, expires=expires, order=order)


@shared_task(
    name="permabots.remove_accounts",
    ignore_result=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def remove_accounts() -> None:
    """Remove webhooks and credentials of accounts that no bot has any more: the request that released them is over."""
    close_old_connections()
    removals.finish()


@shared_task(
    name="permabots.identify_accounts",
    ignore_result=True,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def identify_accounts(provider: str = "", integration_id: str = "") -> None:
    """Ask providers for their accounts' identities: a bot may have been given another name there.

    Args:
        provider: the slug of one account's provider; "" for every account that is due.
        integration_id: that account's row.
    """
    close_old_connections()
    if provider:
        identities.refresh_requested_account(provider, UUID(integration_id))
    else:
        identities.refresh_due()


@receiver(identities.refresh_requested, dispatch_uid="permabots.identify")
def _identify_soon(slug: str, integration_id: UUID, **_: Any) -> None:
    publish(identify_accounts, slug, str(integration_id))


@receiver(account_released, dispatch_uid="permabots.remove")
def _remove_soon(**_: Any) -> None:
    publish(remove_accounts)
