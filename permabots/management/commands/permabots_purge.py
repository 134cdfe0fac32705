"""``manage.py permabots_purge [--days N]``: deletes old finished rows."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from permabots.conf import get_config
from permabots.conf.numbers import LONGEST_RETENTION, SHORTEST_RETENTION
from permabots.pipeline.operating.purge import purge
from permabots.pipeline.operating.retention import (
    RetentionResult,
    forget_buttons,
    forget_chats,
    forget_contexts,
    forget_events,
    forget_people,
    forget_stored,
)


class Command(BaseCommand):
    """Deletes old finished messages and notifications, and the data of chats and buttons that were long not used.

    It is made for a timer: it may be killed, and may run beside workers.
    """

    help = "Delete finished messages and notifications that are older than so many days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="how old; RETENTION_DAYS when it is left out")
        parser.add_argument("--parked", action="store_true", help="delete what was given up, too")
        parser.add_argument("--batch", type=int, default=1000, help="rows in one go (default 1000)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, days: int | None, parked: bool, batch: int, dry_run: bool, **options: Any) -> None:
        days = get_config().retention_days if days is None else days
        if days < SHORTEST_RETENTION:
            raise CommandError(f"At least {SHORTEST_RETENTION} days: a messenger may deliver a younger message again.")
        if days > LONGEST_RETENTION:
            raise CommandError(f"At most {LONGEST_RETENTION:,} days.")
        if batch < 1:
            raise CommandError("A batch holds at least one row.")
        gone = purge(timezone.now() - timedelta(days=days), parked=parked, batch=batch, dry_run=dry_run)
        verb = "Would delete" if dry_run else "Deleted"
        self.stdout.write(
            f"{verb} {gone.inbound} incoming messages, {gone.outbound} outgoing messages and "
            f"{gone.notifications} notifications older than {days} days."
        )
        forgotten = _forget(days, batch, dry_run=dry_run)
        self.stdout.write(
            f"{verb} the data of {forgotten.buttons} buttons and {forgotten.people} people that nothing names, and "
            f"what was said of {forgotten.chats} chats and holds no more; "
            f"{'would empty' if dry_run else 'emptied'} the contexts of {forgotten.contexts} chats. "
            f"{verb} {forgotten.events} events of bots, and {forgotten.stored} rows of chats that are kept here."
        )


def _forget(days: int, batch: int, *, dry_run: bool) -> RetentionResult:
    """Delete the data of chats and buttons by their own settings; 0 days for never."""
    config, now = get_config(), timezone.now()
    buttons, contexts, events = (
        config.retention_button_days,
        config.retention_context_days,
        config.retention_event_days,
    )
    how: Any = {"batch": batch, "dry_run": dry_run}
    return RetentionResult(
        buttons=forget_buttons(now - timedelta(days=buttons), **how) if buttons else 0,
        contexts=forget_contexts(now - timedelta(days=contexts), **how) if contexts else 0,
        people=forget_people(now - timedelta(days=days), **how),
        chats=forget_chats(**how),
        events=forget_events(now - timedelta(days=events), **how) if events else 0,
        stored=forget_stored(now - timedelta(days=days), **how),
    )
