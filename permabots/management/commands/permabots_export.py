"""``manage.py permabots_export BOT``: write a bot as a document, for a file that is kept in git, say."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permabots.exceptions import SecretUnreadable
from permabots.management.bots import one_bot
from permabots.pipeline.authoring import documents


class Command(BaseCommand):
    """Exports a bot. It writes nothing but the file that is named."""

    help = "Write all that a bot's author wrote as a document: without secrets and people unless they are asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", metavar="BOT", help="its id or name")
        parser.add_argument("--output", metavar="FILE", help="where to; the standard output when left out")
        parser.add_argument("--format", choices=documents.FORMS, help="json, or yaml, which a FILE's name may say, too")
        parser.add_argument("--secrets", action="store_true", help="with the values of secret variables, in clear")
        parser.add_argument("--recipients", action="store_true", help="with the people whom its hooks tell")

    def handle(self, *args: Any, bot: str, output: str | None, secrets: bool, recipients: bool, **options: Any) -> None:
        row = one_bot(bot)
        try:
            document = documents.export(row, secrets=secrets, recipients=recipients)
        except SecretUnreadable as error:
            raise CommandError(str(error)) from error
        is_yaml = output is not None and Path(output).suffix in {".yaml", ".yml"}
        text = documents.dumps(document, options["format"] or ("yaml" if is_yaml else "json"))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            Path(output).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        self.stdout.write(f'Wrote the bot "{row}" to {output}.')
