"""``manage.py permabots_rotate_keys``: encrypts what is secret in the database with the first key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permabots.pipeline.operating.key_rotation import rotate_keys


class Command(BaseCommand):
    """Encrypts credentials and variables with the first of ``ENCRYPTION_KEYS``, beside web servers and workers.

    It may be killed, and run again.
    """

    help = "Encrypt all secrets in the database with the first of PERMABOTS['ENCRYPTION_KEYS']."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows that are read in one go (default 500)")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("A batch holds at least one row.")
        unreadable = 0
        for table in rotate_keys(batch):
            self.stdout.write(f"{table.table}: {table.encrypted} rows encrypted, {table.unchanged} as they were")
            unreadable += table.unreadable
        if unreadable:
            raise CommandError(
                f"{unreadable} rows have a secret that no key decrypts, and are as they were: put their key behind the "
                "first one and run this again."
            )
