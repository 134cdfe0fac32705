"""``manage.py permabots_import FILE``: make a bot of a document, or make a bot what a document says."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from permabots.database import alias, atomic
from permabots.exceptions import SecretUnreadable
from permabots.management.bots import one_bot
from permabots.management.users import named_user
from permabots.models import Bot
from permabots.pipeline.authoring import documents

NEITHER = "Name a bot that is to become what the document says (--bot), or the owner of a new one (--owner)."


class Command(BaseCommand):
    """Imports a bot, whole or not at all."""

    help = "Make a new bot of a document, or make a bot what a document says: what it does not have is deleted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a document in JSON or YAML; - for the standard input")
        target = parser.add_mutually_exclusive_group()
        target.add_argument("--bot", help="the id or name of the bot that becomes what the document says")
        target.add_argument("--owner", help="the username of the owner of a new bot")
        parser.add_argument("--plan", action="store_true", help="only tell what would be changed")

    def handle(self, *args: Any, file: str, bot: str | None, owner: str | None, plan: bool, **options: Any) -> None:
        if bot is None and owner is None:
            raise CommandError(NEITHER)
        user = None if owner is None else named_user(owner)
        try:
            document = documents.loads(_read(file))
            if bot is not None:
                self._change(bot, document, plan=plan)
            else:
                self._make(user, document, plan=plan)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except SecretUnreadable as error:
            raise CommandError(str(error)) from error

    def _change(self, name: str, document: Any, *, plan: bool) -> None:
        row = one_bot(name)
        changes = documents.plan(row, document) if plan else documents.apply(row, document)
        for line in documents.in_words(changes):
            self.stdout.write(line)
        count = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
        self.stdout.write(f"{count} to make: nothing was written." if plan else f"{count} made.")

    def _make(self, owner: Any, document: Any, *, plan: bool) -> None:
        with atomic():
            row: Bot = documents.create(document, owner)
            if plan:
                transaction.set_rollback(True, using=alias())
        if plan:
            self.stdout.write(f'A new bot "{row}" of {owner} would be made: nothing was written.')
            return
        self.stdout.write(f'Made the bot "{row}" of {owner}: {row.pk}')


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not in UTF-8: {error.reason} at byte {error.start}") from error
