"""Retrying failed messages and calls from the admin's lists."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, InboundMessage, Notification
from permabots.pipeline.operating.retry import Retried, retry_all, retry_delivery
from permabots.tasks import wake_retried

NOTHING = "There is nothing to retry: nothing failed, or the account was removed, replaced or disabled."


def retry_messages(request: HttpRequest, rows: QuerySet[InboundMessage]) -> None:
    """Retry messages of any bots, and show the result for each bot."""
    for bot in Bot.objects.filter(pk__in=rows.order_by().values("bot")):
        done = retry_all(bot, rows.filter(bot=bot))
        wake_retried(done)
        _tell(request, str(bot), done)


def retry_deliveries(request: HttpRequest, rows: QuerySet[Notification]) -> None:
    """Retry the failed calls of notifications, and show the result for each notification."""
    for row in rows.select_related("bot"):
        try:
            done = retry_delivery(row.bot, row)
        except NothingToRetry as reason:
            messages.warning(request, f"{row}: {reason}")
            continue
        wake_retried(done)
        messages.success(request, f"{row}: calls that will be made again: {done.calls}.")


def _tell(request: HttpRequest, who: str, done: Retried) -> None:
    if done.messages or done.calls:
        counts = (
            f"messages that will be answered: {done.messages}; calls of answers that will be made again: {done.calls}."
        )
        messages.success(request, f"{who}: {counts}")
    else:
        messages.warning(request, f"{who}: {NOTHING}")
