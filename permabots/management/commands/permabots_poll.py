"""``manage.py permabots_poll [bot…]``: messages without a public address, for developers."""

from __future__ import annotations

import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from permabots.exceptions import ProviderError, Retryable
from permabots.models import IntegrationBot
from permabots.pipeline import cached, inbox
from permabots.pipeline.integrations import chosen
from permabots.tasks import wake


class Command(BaseCommand):
    """Asks providers for messages in long polls; from the inbox on they go the same road as a webhook's."""

    help = "Fetch the messages of the named bots (ids or names), of all bots when none is named, without a webhook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bots", nargs="*", metavar="bot", help="a bot's id or name")
        parser.add_argument("--remove-webhook", action="store_true", help="remove a webhook that is in the way")
        parser.add_argument("--timeout", type=float, default=25.0, help="seconds one poll waits (default 25)")
        parser.add_argument("--once", action="store_true", help="poll once and end")

    def handle(self, *args: Any, bots: list[str], **options: Any) -> None:
        try:
            rows = [row for row in chosen(bots) if row.provider.can_poll and row.enabled]
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        if not rows:
            raise CommandError("No enabled bot is connected to a provider that can be polled.")
        for row in rows:
            self._clear_webhook(row, remove=options["remove_webhook"])
        self.stdout.write(f"Polling {', '.join(map(str, rows))}. Ctrl-C ends it.")
        stop = threading.Event()
        pollers = [threading.Thread(target=self._poll, args=(row, options, stop), daemon=True) for row in rows]
        for poller in pollers:
            poller.start()
        try:
            while any(poller.is_alive() for poller in pollers):
                time.sleep(0.1)
        except KeyboardInterrupt:
            stop.set()
            self.stdout.write("Ending with the polls under way.")

    def _clear_webhook(self, row: IntegrationBot, *, remove: bool) -> None:
        """A provider does not let itself be polled while a webhook is set: say so, and offer to remove it."""
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
        except ProviderError as error:
            raise CommandError(f"{row}: {error}") from error
        self.stdout.write(f"The webhook of {row} is removed; permabots_webhook set brings it back.")

    def _poll(self, row: IntegrationBot, options: dict[str, Any], stop: threading.Event) -> None:
        offset: int | None = None
        client = row.client()
        try:
            while not stop.is_set():
                try:
                    events = client.poll(offset, options["timeout"])
                except Retryable as error:
                    self.stderr.write(f"{row}: {error}")
                    stop.wait(error.retry_after or 3.0)
                    events = []
                for event in events:
                    # Asked for behind it only once it is stored: what is not on disk is fetched again.
                    offset = self._take(row, event) + 1
                if options["once"]:
                    return
        except ProviderError as error:
            self.stderr.write(self.style.ERROR(f"{row}: {error}"))
        finally:
            connection.close()

    def _take(self, row: IntegrationBot, event: Any) -> int:
        door = cached.find_door(row.SLUG, row.pk)
        if door is None:
            raise CommandError(f"{row} is gone.")
        parsed = inbox.parse(door, event)
        for conversation_id in inbox.receive(door, parsed):
            wake(conversation_id, row.SLUG)
        return max(item.number for item in parsed)
