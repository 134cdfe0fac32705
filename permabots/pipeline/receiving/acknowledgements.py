"""Acknowledging events: a button's spinner stops when the press is on disk, however long its answer takes.

It has no row and no lease. An acknowledgement that is lost, late or doubled harms nobody, so none is tried again, and
none holds up or fails an answer.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import Signal
from django.utils import timezone

from permabots import logs, metrics
from permabots.conf import get_config
from permabots.exceptions import ProviderError, SecretUnreadable
from permabots.models import InboundMessage, IntegrationBot
from permabots.models.registry import model_of, providers
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.values import Inbound

logger = logs.get_logger(__name__)

ACKNOWLEDGE_WITHIN = 30.0
"""Seconds. Telegram's clients wait for about 15; the rest is for clocks that differ."""

wanted = Signal()
"""Sent with ``slug``, ``integration_id``, ``external_id`` and ``busy`` when a stored event is to be acknowledged."""


def request(target: WebhookTarget, event: Inbound, *, busy: bool) -> None:
    """Have a stored event acknowledged, where its provider wants that.

    Args:
        target: the integration that it came to.
        event: as its provider parsed it.
        busy: whether others' presses are acknowledged first.
    """
    if providers()[target.slug].acknowledge(event):
        names = {"integration_id": target.integration_id, "external_id": event.external_id}
        wanted.send(Inbound, slug=target.slug, busy=busy, **names)


def send(slug: str, integration_id: UUID, external_id: str) -> None:
    """Acknowledge one event. What the provider says to it is logged and means nothing.

    Args:
        slug: the provider.
        integration_id: the account that the event came to.
        external_id: the provider's id of the event.
    """
    integration: IntegrationBot | None = model_of(slug).objects.filter(pk=integration_id, enabled=True).first()
    stored = InboundMessage.objects.select_related("conversation")
    row = stored.filter(integration_id=integration_id, external_id=external_id).first()
    if integration is None or row is None or _is_paused(integration):
        return
    try:
        client, timeout = integration.client(), get_config().send_timeout
    except SecretUnreadable as error:
        logger.warning("message %s not acknowledged: %s", row.pk, error)
        return
    for payload in integration.provider.acknowledge(row.inbound()):
        try:
            with metrics.timed("send", slug):
                client.send(payload, timeout)
        except ProviderError as error:
            logger.info("message %s not acknowledged: %s: %s", row.pk, type(error).__name__, error)


def _is_paused(integration: Any) -> bool:
    return integration.paused_until is not None and integration.paused_until > timezone.now()
