"""``manage.py permabots_test [bot…]``: runs the conversation tests of bots."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permabots.models import Bot
from permabots.pipeline.authoring.conversation_tests import Result, run
from permabots.pipeline.authoring.integrations import find_bots


class Command(BaseCommand):
    """Runs conversation tests. Nothing is sent or stored, and no author's API is called."""

    help = "Run the conversation tests of the named bots (ids or names), of all bots when none is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bots", nargs="*", metavar="bot", help="a bot's id or name")

    def handle(self, *args: Any, bots: list[str], **options: Any) -> None:
        """Run the tests; the exit status is 1 if one fails."""
        try:
            chosen = find_bots(bots)
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        results = [result for bot in chosen for result in self._run(bot)]
        failed = sum(not result.passed for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} tests failed.", returncode=1)
        self.stdout.write(f"{len(results)} tests passed.")

    def _run(self, bot: Bot) -> list[Result]:
        results = run(bot, bot.conversation_tests.all())
        for result in results:
            self.stdout.write(f"{bot.name}, {result.test}: {'passed' if result.passed else 'FAILED'}")
            if not result.passed:
                self.stdout.write(result.problem or result.diff)
        return results
