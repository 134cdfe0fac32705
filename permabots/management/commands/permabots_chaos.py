"""``manage.py permabots_chaos account|drive``: whether the promises were kept, on an installation of your own."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from permabots.conf import get_config
from permabots.exceptions import ConfigurationError, IntegrationRefused
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models.registry import providers
from permabots.pipeline.authoring.integrations import integrations_of
from permabots.testing.chaos.account import settle
from permabots.testing.chaos.bot import WORDS
from permabots.testing.chaos.drive import Drive, make_bot, new_token, remove_bot
from permabots.testing.chaos.ledger import ledger_lines, read_ledger
from permabots.testing.chaos.report import lines
from permabots.testing.chaos.script import Fault, write_script
from permabots.testing.control import SteeringError
from permabots.testing.telegram import TelegramControl

SURE = """This makes a bot, says {messages} messages to it through this installation, and deletes it again.
Meanwhile you kill what you like. Say --yes to begin."""


class Command(BaseCommand):
    """``account`` only reads. ``drive`` runs where Telegram is the stand-in, and with a bot of its own."""

    help = "Account for the messages of the last while, or drive messages through a staging system that you break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        account = actions.add_parser("account", help="what the rows say of messages that came in; reads only")
        add_bots(account)
        account.add_argument("--minutes", type=float, default=60.0, help="how far back (default 60)")
        account.add_argument("--grace", type=float, help="seconds after which an unfinished message is overdue")
        drive = actions.add_parser("drive", help="say messages to a bot of their own, by a stand-in Telegram")
        drive.add_argument("--owner", required=True, help="the name of the user whose the bot will be")
        drive.add_argument("--messages", type=int, default=300)
        drive.add_argument("--conversations", type=int, default=30)
        drive.add_argument("--seed", type=int, default=1, help="the same one says the same messages")
        drive.add_argument("--rate", type=float, default=10.0, help="messages a second")
        drive.add_argument("--patience", type=float, default=120.0, help="seconds without a change before it gives up")
        drive.add_argument("--api", default="", help="a user API's address, to be asked for some of the messages")
        drive.add_argument("--keep", action="store_true", help="leave the bot and its messages in the database")
        drive.add_argument("--yes", action="store_true", help="really do it")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        (self._account if action == "account" else self._drive)(options)

    def _account(self, options: dict[str, Any]) -> None:
        config = get_config()
        grace = 2 * config.lease + config.nudge_interval if options["grace"] is None else options["grace"]
        with unknown_bots_refused():
            rows = integrations_of(options["bots"])
        bots = list({row.bot.pk: row.bot for row in rows}.values())
        ledger = read_ledger(bots, timedelta(minutes=options["minutes"]), timedelta(seconds=grace))
        self.stdout.write("\n".join(ledger_lines(ledger)))
        if not ledger.holds:
            raise CommandError("Messages are overdue or out of order.")

    def _drive(self, options: dict[str, Any]) -> None:
        token = new_token()
        telegram = _stand_in(token)
        owner = get_user_model().objects.filter(**{get_user_model().USERNAME_FIELD: options["owner"]}).first()
        if owner is None:
            raise CommandError(f"There is no user {options['owner']}.")
        if not options["yes"]:
            raise CommandError(SURE.format(**options))
        words = WORDS if options["api"] else tuple(word for word in WORDS if word != "ask")
        numbers = (options["messages"], options["conversations"], options["seed"])
        script = write_script(*numbers, [Fault.WEBHOOKS], words)
        try:
            bot = make_bot(owner, token, options["api"])
        except (IntegrationRefused, ConfigurationError) as error:
            raise CommandError(str(error)) from error
        try:
            drive = Drive(telegram, bot, token, options["rate"], options["patience"])
            evidence = drive.play(script, self.stdout.write)
        finally:
            if not options["keep"]:
                remove_bot(bot)
        account = settle(evidence)
        self.stdout.write("\n".join(lines(account, evidence)))
        if not account.holds:
            raise CommandError("A promise was broken.")


def _stand_in(token: str) -> TelegramControl:
    """Return the installation's Telegram, if it is the stand-in.

    Raises:
        CommandError: it is another one: there are people in it.
    """
    options = {**providers()["telegram"].default_options, **get_config().options_of("telegram")}
    telegram = TelegramControl(options["api_url"])
    try:
        telegram.register_bot(token)
    except (OSError, ValueError, SteeringError) as error:
        raise CommandError(
            f"{options['api_url']} is no stand-in Telegram. Run python -m permabots.testing.telegram and let "
            "TELEGRAM_API_URL name it."
        ) from error
    return telegram
