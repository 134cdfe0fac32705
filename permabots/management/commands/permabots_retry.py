"""``manage.py permabots_retry [bot…]``: retries failed and parked messages, once their cause is fixed."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from permabots.exceptions import NothingToRetry
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models import Bot, Hook, InboundMessage, Notification, OutboundMessage
from permabots.models.registry import providers
from permabots.pipeline.authoring.integrations import find_bots
from permabots.pipeline.operating.retry import (
    Retried,
    count_retriable,
    count_retriable_delivery,
    in_use,
    retry_all,
    retry_delivery,
)
from permabots.tasks import wake_retried

PARKED = "parked"


class Command(BaseCommand):
    """Makes failed and parked rows pending again: messages, answers, notifications. It may be killed and repeated."""

    help = "Try again what was given up, for the named bots (ids or names), for all bots when none is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_bots(parser)
        parser.add_argument("--provider", choices=tuple(providers()), help="only what came from or goes to it")
        parser.add_argument("--hook", help="only the deliveries of the hook with this key")
        parser.add_argument("--since", type=_moment, help="only what was stored since: 2026-11-20 or 2026-11-20T08:30")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, bots: list[str], dry_run: bool, **options: Any) -> None:
        with unknown_bots_refused():
            chosen = find_bots(bots)
        if (key := options["hook"]) and not Hook.objects.filter(bot__in=[bot.pk for bot in chosen], key=key).exists():
            raise CommandError(f"None of these bots has a hook with the key {key}.")
        for bot in chosen:
            messages, deliveries = _messages(bot, **options), _deliveries(bot, **options).only("pk", "status")
            if left := messages.count() - in_use(bot, messages).count():
                self.stderr.write(f"{bot.name}, {left} messages: their account was removed, replaced or disabled.")
            found = [self._delivery(bot, row, options["provider"], dry_run) for row in list(deliveries)]
            retried = [(count_retriable if dry_run else retry_all)(bot, messages), *filter(None, found)]
            if not dry_run:
                wake_retried(*retried)
            self.stdout.write(f"{bot.name}: {_numbers(retried)} {'could' if dry_run else 'will'} be tried again.")

    def _delivery(self, bot: Bot, delivery: Notification, provider: str | None, dry_run: bool) -> Retried | None:
        """Put one notification's calls back, or only count them; None, and the reason is printed, where none can be."""
        try:
            return (count_retriable_delivery if dry_run else retry_delivery)(bot, delivery, provider)
        except NothingToRetry as reason:
            self.stderr.write(f"{bot.name}, notification {delivery.pk}: {reason}")
            return None


def _numbers(retried: list[Retried]) -> str:
    numbers = f"{retried[0].messages} messages and {sum(done.calls for done in retried)} calls"
    notifications = sum(done.notification is not None for done in retried)
    return f"{numbers}, and the rest of {notifications} notifications," if notifications else numbers


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
    # A parked notification goes on to recipients of every provider: it is not for one alone.
    failed = Q(_parked_call("notification", **to)) if provider else _failed("notification")
    rows = Notification.objects.filter(failed, bot=bot)
    rows = rows.filter(created_at__gte=since) if since else rows
    return rows.filter(hook__key=hook) if hook else rows


def _failed(group: str) -> Q:
    return Q(status=PARKED) | Q(_parked_call(group))


def _parked_call(group: str, **calls: Any) -> Exists:
    return Exists(OutboundMessage.objects.filter(status=PARKED, **calls, **{group: OuterRef("pk")}))


def _moment(text: str) -> datetime:
    """Parse a date, or a date and time; without an offset it is in the project's time zone."""
    try:
        moment = parse_datetime(text) if "T" in text or " " in text else None
        if moment is None and (day := parse_date(text)) is not None:
            moment = datetime.combine(day, time.min)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    if moment is None:
        raise ArgumentTypeError(f"{text} is no date, as 2026-11-20, and no time, as 2026-11-20T08:30")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
