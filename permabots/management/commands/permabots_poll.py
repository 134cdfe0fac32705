"""``manage.py permabots_poll [bot…]``: receives messages without a public address, for developers."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from permabots.database import connection
from permabots.exceptions import ProviderError, Retryable, SecretUnreadable
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models import IntegrationBot
from permabots.pipeline.authoring.integrations import integrations_of
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.tasks import accept

PAUSE = 3.0
"""Seconds before the next try when the provider or the database did not answer."""


class Command(BaseCommand):
    """Fetches events by long polling, and stores them in the inbox, as the webhook does."""

    help = "Fetch the messages of the named bots (ids or names), of all bots when none is named, without a webhook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_bots(parser)
        parser.add_argument("--remove-webhook", action="store_true", help="remove a webhook that is in the way")
        parser.add_argument("--timeout", type=float, default=25.0, help="seconds one poll waits (default 25)")
        parser.add_argument("--once", action="store_true", help="poll each bot once and end")

    def handle(self, *args: Any, bots: list[str], **options: Any) -> None:
        with unknown_bots_refused():
            rows = [row for row in integrations_of(bots) if row.provider.can_poll and row.enabled]
        if not rows:
            raise CommandError("No enabled bot is connected to a provider that can be polled.")
        for row in rows:
            self._clear_webhook(row, remove=options["remove_webhook"])
        if options["once"]:
            for row in rows:
                self._poll(row, None, options["timeout"])
        else:
            self._go_on(rows, options["timeout"])

    def _go_on(self, rows: list[IntegrationBot], timeout: float) -> None:
        """Poll every account in a thread of its own until Ctrl-C."""
        self.stdout.write(f"Polling {', '.join(map(str, rows))}. Ctrl-C ends it.")
        stop = threading.Event()
        with ThreadPoolExecutor(len(rows)) as pool:
            futures = [pool.submit(self._poll_on, row, timeout, stop) for row in rows]
            try:
                for future in futures:
                    future.result()
            except KeyboardInterrupt:
                self.stdout.write("Ending with the polls under way.")
            finally:
                stop.set()

    def _poll_on(self, row: IntegrationBot, timeout: float, stop: threading.Event) -> None:
        offset: int | None = None
        try:
            while not stop.is_set():
                reached = self._poll(row, offset, timeout)
                if reached is None:
                    stop.wait(PAUSE)
                else:
                    offset = reached or offset
        finally:
            connection().close()

    def _poll(self, row: IntegrationBot, offset: int | None, timeout: float) -> int | None:
        """Poll once, and store the events.

        Returns:
            The next offset, 0 when no event came; None when the provider or the database did not answer: events that
            are not stored are then fetched again.
        """
        try:
            numbers = [self._take(row, event) for event in row.client().poll(offset, timeout)]
        except Retryable as error:
            self.stderr.write(f"{row}: {error}")
            return None
        except Error as error:
            self.stderr.write(f"{row}: the database is away ({type(error).__name__})")
            connection().close()
            return None
        except (ProviderError, SecretUnreadable) as error:
            raise CommandError(f"{row}: {error}") from error
        return max(numbers, default=-1) + 1

    def _take(self, row: IntegrationBot, event: Any) -> int:
        """Store one event, wake its conversation, and return the event's number."""
        target = webhook_cache.get_webhook_target(row.SLUG, row.pk)
        if target is None:
            raise CommandError(f"{row} is gone.")
        parsed = inbox.parse(target, event)
        accept(target, parsed)
        return max(item.provider_sequence for item in parsed)

    def _clear_webhook(self, row: IntegrationBot, *, remove: bool) -> None:
        """Refuse to poll while a webhook is set, as the provider would, and offer to remove the webhook."""
        try:
            url = row.client().webhook_info().url
            if not url:
                return
            self.stdout.write(f"{row} has a webhook: {url}")
            if not remove and input("Remove it? [y/N] ").strip().lower() not in {"y", "yes"}:
                raise CommandError("Its messages go to that webhook. Run again with --remove-webhook to poll.")
            row.set_webhook(None)
        except EOFError as error:
            raise CommandError("Its messages go to that webhook. Run again with --remove-webhook to poll.") from error
        except (ProviderError, SecretUnreadable) as error:
            raise CommandError(f"{row}: {error}") from error
        self.stdout.write(f"The webhook of {row} is removed; permabots_webhook set brings it back.")
