"""``manage.py permabots_retry [bot…]``: retries failed and parked messages, once their cause is fixed."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, time
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from permabots.exceptions import NothingToRetry
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models import Bot, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.authoring.integrations import find_bots
from permabots.pipeline.operating.retry import Retried, retry_all, retry_delivery
from permabots.tasks import wake_retried

PARKED = "parked"


class Command(BaseCommand):
    """Makes failed and parked rows pending again: messages, answers, notifications. It may be killed and repeated."""

    help = "Try again what was given up, for the named bots (ids or names), for all bots when none is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_bots(parser)
        parser.add_argument("--provider", help="only what came from or goes to this provider")
        parser.add_argument("--hook", help="only the deliveries of the hook with this key")
        parser.add_argument("--since", type=_moment, help="only what was stored since: 2026-11-20 or 2026-11-20T08:30")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, bots: list[str], dry_run: bool, **options: Any) -> None:
        with unknown_bots_refused():
            chosen = find_bots(bots)
        for bot in chosen:
            messages, deliveries = _messages(bot, **options), _deliveries(bot, **options)
            if dry_run:
                found = f"{messages.count()} messages and {deliveries.count()} notifications could be tried again"
                self.stdout.write(f"{bot.name}: {found}.")
            else:
                self._retry(bot, messages, deliveries)

    def _retry(self, bot: Bot, messages: QuerySet[InboundMessage], deliveries: QuerySet[Notification]) -> None:
        """Put all of it back into the queue, wake workers, and print the numbers and what could not be retried."""
        rows = list(deliveries.only("pk"))
        retried = [retry_all(bot, messages), *filter(None, (self._retry_delivery(bot, row) for row in rows))]
        wake_retried(*retried)
        calls = sum(done.calls for done in retried)
        self.stdout.write(f"{bot.name}: {retried[0].messages} messages and {calls} calls will be tried again.")

    def _retry_delivery(self, bot: Bot, delivery: Notification) -> Retried | None:
        try:
            return retry_delivery(bot, delivery)
        except NothingToRetry as reason:
            self.stderr.write(f"{bot.name}, notification {delivery.pk}: {reason}")
            return None


def _messages(bot: Bot, *, provider: str | None, hook: str | None, since: datetime | None, **_: Any) -> Any:
    """Return the messages of a bot that failed or are parked, or whose answer is parked; none for a hook."""
    answer = OutboundMessage.objects.filter(inbound=OuterRef("pk"))
    failed = Q(status=InboundMessage.Status.FAILED) & ~Q(Exists(answer))
    rows = InboundMessage.objects.filter(_failed("inbound") | failed, bot=bot)
    rows = rows.filter(received_at__gte=since) if since else rows
    rows = rows.filter(provider=provider) if provider else rows
    return rows.none() if hook else rows


def _deliveries(bot: Bot, *, provider: str | None, hook: str | None, since: datetime | None, **_: Any) -> Any:
    """Return the notifications of a bot that are parked, or have parked calls."""
    to = {"conversation__provider": provider} if provider else {}
    rows = Notification.objects.filter(_failed("notification", **to), bot=bot)
    rows = rows.filter(created_at__gte=since) if since else rows
    return rows.filter(hook__key=hook) if hook else rows


def _failed(group: str, **calls: Any) -> Q:
    parked = partial(OutboundMessage.objects.filter, status=PARKED, **calls)
    return Q(status=PARKED) | Q(Exists(parked(**{group: OuterRef("pk")})))


def _moment(text: str) -> datetime:
    """Parse a date, or a date and time; without an offset it is in the project's time zone."""
    try:
        found = parse_datetime(text) if "T" in text or " " in text else None
        if found is None and (day := parse_date(text)) is not None:
            found = datetime.combine(day, time.min)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    if found is None:
        raise ArgumentTypeError(f"{text} is no date, as 2026-11-20, and no time, as 2026-11-20T08:30")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
