"""The notifications of one hook are told one after another, so that nobody hears the later one first."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from permabots.models import Notification


def claimable() -> Q:
    """Notifications that nobody works on and that are due, by the database's clock, the first of each hook."""
    return (
        (Q(lease_token=None) | Q(lease_expires_at__lt=Now()))
        & (Q(not_before=None) | Q(not_before__lte=Now()))
        & ~Q(Exists(_before()))
    )


def is_first_of_hook(notification_id: int) -> bool:
    """Return whether no earlier notification of the same hook is unfinished."""
    return Notification.objects.filter(~Q(Exists(_before())), pk=notification_id).exists()


def next_for_hook(notification_id: int) -> tuple[int, float] | None:
    """Return which notification of the same hook goes on, and in how many seconds.

    Args:
        notification_id: one that was just worked on.

    Returns:
        Its id and the wait; None where nothing is left, or somebody works on it.
    """
    hook = Notification.objects.filter(pk=notification_id).values("hook")
    rows = Notification.objects.unfinished().filter(hook__in=hook).annotate(now=Now()).order_by("pk")
    found = rows.values_list("pk", "lease_token", "not_before", "now").first()
    if found is None or found[1] is not None:
        return None
    return found[0], 0.0 if found[2] is None else max((found[2] - found[3]).total_seconds(), 0.0)


def _before() -> QuerySet[Notification]:
    return Notification.objects.unfinished().filter(hook=OuterRef("hook"), pk__lt=OuterRef("pk"))
