"""``manage.py permabots_events [BOT ...]``: what was done to bots, one JSON object a line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permabots.models import BotEvent
from permabots.pipeline.authoring.integrations import find_bots
from permabots.serializers.events import event_lines


class Command(BaseCommand):
    """Exports the events of bots, oldest first. It writes nothing."""

    help = "Write the events of bots, one JSON object a line, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bots", nargs="*", metavar="BOT", help="ids or names; all events when left out")

    def handle(self, *args: Any, bots: list[str], **options: Any) -> None:
        rows = BotEvent.objects.order_by("pk")
        if bots:
            try:
                rows = rows.filter(bot__in=[bot.pk for bot in find_bots(bots)])
            except LookupError as error:
                raise CommandError(str(error)) from None
        for line in event_lines(rows.iterator()):
            self.stdout.write(line, ending="")
