"""Finding what is due and nobody is working on. It writes nothing that a turn reads."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Now

from permabots.conf import get_config
from permabots.models import Conversation, InboundMessage, Notification, OutboundMessage
from permabots.models.conversation import claimable
from permabots.pipeline.hooks import hook_order


def due_conversations(provider: str | None = None) -> list[tuple[int, str]]:
    """Return the conversations to wake, as (id, provider): unfinished, due, free or left behind by a dead worker.

    Those woken longest ago come first, ``SWEEP_BATCH`` at most. One that was woken and not looked at since is left
    out for ``WAKE_INTERVAL`` seconds, or a backlog would breed wake-ups.

    Args:
        provider: the slug of the provider whose conversations are meant; None for all.
    """
    config = get_config()
    unfinished = (
        InboundMessage.objects.unfinished()
        .order_by()
        .values("conversation")
        .union(OutboundMessage.objects.unfinished().order_by().values("conversation"))
    )
    not_woken_lately = _not_woken_lately()
    rows = Conversation.objects.all() if provider is None else Conversation.objects.filter(provider=provider)
    found = list(
        rows.filter(claimable(), not_woken_lately, pk__in=unfinished)
        .order_by(F("last_woken_at").asc(nulls_first=True), "pk")
        .values_list("pk", "provider")[: config.sweep_batch]
    )
    Conversation.objects.filter(not_woken_lately, pk__in=[pk for pk, _ in found]).update(last_woken_at=Now())
    return found


def due_notifications(limit: int = 100) -> list[int]:
    """Return the ids of notifications whose recipients do not all have their rows and that nobody works on.

    One that was woken and not looked at since is left out for ``WAKE_INTERVAL`` seconds, as a conversation is.
    """
    waiting = Notification.objects.unfinished().filter(hook_order.claimable(), _not_woken_lately())
    found = list(waiting.order_by(F("last_woken_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:limit])
    Notification.objects.filter(_not_woken_lately(), pk__in=found).update(last_woken_at=Now())
    return found


def _not_woken_lately() -> Q:
    """Rows that no sweep woke lately. One woken in time to come was so before the clock was set back."""
    lately = Now() - timedelta(seconds=get_config().wake_interval)
    return Q(last_woken_at=None) | Q(last_woken_at__lt=lately) | Q(last_woken_at__gt=Now())
