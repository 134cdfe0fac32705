"""``python -m tests.chaos.accounting``: what the rows of a project say of the messages of the last while."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

import django


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the rows of the project that ``DJANGO_SETTINGS_MODULE`` names and print their account.

    Args:
        arguments: of the command line; None for those of this process.

    Returns:
        The exit status: 1 where messages are overdue or out of order.
    """
    options = _read_options(arguments)
    django.setup()
    from permabots.conf import get_config  # noqa: PLC0415 - rows and settings exist once Django is set up
    from permabots.pipeline.authoring.integrations import integrations_of  # noqa: PLC0415 - as above
    from tests.chaos.accounting.ledger import ledger_lines, read_ledger  # noqa: PLC0415 - as above

    config = get_config()
    grace = 2 * config.lease + config.wake_interval if options.grace is None else options.grace
    bots = list({row.bot.pk: row.bot for row in integrations_of(options.bots)}.values())
    ledger = read_ledger(bots, timedelta(minutes=options.minutes), timedelta(seconds=grace))
    print("\n".join(ledger_lines(ledger)))
    return 0 if ledger.holds else 1


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.accounting", description=__doc__)
    parser.add_argument("bots", nargs="*", metavar="bot", help="a bot's id or name; all bots when none is named")
    parser.add_argument("--minutes", type=float, default=60.0, help="how far back messages are looked at (default 60)")
    parser.add_argument("--grace", type=float, help="seconds after which an unfinished message is overdue")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
