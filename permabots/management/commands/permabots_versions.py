"""``manage.py permabots_versions BOT``: what was changed in a bot, and taking it back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from permabots.exceptions import SecretUnreadable
from permabots.management.bots import one_bot
from permabots.models import Bot
from permabots.pipeline.authoring import documents, versions


class Command(BaseCommand):
    """Lists the versions of a bot, or restores one."""

    help = "List what was changed in a bot, newest first, or make it again what it was in a version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", metavar="BOT", help="its id or name")
        parser.add_argument("--restore", type=int, metavar="NUMBER", help="the version that the bot becomes")
        parser.add_argument("--plan", action="store_true", help="with --restore: only tell what would be changed")
        parser.add_argument("--limit", type=int, default=20, help="how many versions are listed; 20 when left out")

    def handle(self, *args: Any, bot: str, restore: int | None, plan: bool, limit: int, **options: Any) -> None:
        row = one_bot(bot)
        if restore is None:
            self._list(row, limit)
            return
        try:
            changes = versions.restore(row, restore, dry_run=plan)
        except (LookupError, SecretUnreadable) as error:
            raise CommandError(str(error.args[0])) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        for line in documents.in_words(changes):
            self.stdout.write(line)
        self.stdout.write("Nothing was written." if plan else f'The bot "{row}" is what it was in version {restore}.')

    def _list(self, bot: Bot, limit: int) -> None:
        for version in bot.versions.order_by("-number")[: max(limit, 0)]:
            who = " ".join(filter(None, (version.user, version.source, version.credential)))
            self.stdout.write(f"{version.number}  {version.at:%Y-%m-%d %H:%M:%S} UTC  {who}")
            for line in versions.words_of(version):
                self.stdout.write(f"    {line}")
