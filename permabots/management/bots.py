"""The bots that a command is given: any number of them by id or name, or none for all."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError


def add_bots(parser: ArgumentParser, words: str = "a bot's id or name; all bots when none is named") -> None:
    """Have a command take bots."""
    parser.add_argument("bots", nargs="*", metavar="bot", help=words)


@contextmanager
def unknown_bots_refused() -> Iterator[None]:
    """End the command in words where a bot that is looked up does not exist.

    Raises:
        CommandError: there is no such bot.
    """
    try:
        yield
    except LookupError as error:
        raise CommandError(str(error.args[0])) from error
