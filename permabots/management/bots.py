"""The bots that a command is given: any number of them by id or name, or none for all."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from permabots.models import Bot
from permabots.pipeline.authoring.integrations import find_bots


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


def one_bot(name: str) -> Bot:
    """Return the one bot of an id or name, for a command that may overwrite it.

    Raises:
        CommandError: there is no such bot, or there are several of the name.
    """
    with unknown_bots_refused():
        (bot,) = find_bots([name])
    others = Bot.objects.filter(name=name).order_by("created_at") if str(bot.pk) != name else ()
    if len(others) > 1:
        ids = ", ".join(f"{it.pk} of {it.owner}" for it in others)
        raise CommandError(f"There are several bots of the name {name!r}. Give an id: {ids}.")
    return bot
