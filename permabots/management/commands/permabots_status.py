"""``manage.py permabots_status``: waiting and parked messages, and the accounts and user APIs with problems."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from permabots.models import Bot, IntegrationBot
from permabots.models.registry import model_of, providers
from permabots.pipeline.answering import worker_deaths
from permabots.pipeline.operating import backlog
from permabots.pipeline.operating.backlog import Backlog
from permabots.pipeline.user_api.circuit_breaker import open_breakers


@dataclass(frozen=True, slots=True)
class Trouble:
    """An account with problems.

    Args:
        bot: the bot's name; "" for an account that is being connected or removed.
        provider: the provider's slug.
        account: the id of the account's row.
        trouble: the problems, one entry each.
    """

    bot: str
    provider: str
    account: str
    trouble: list[str]


@dataclass(frozen=True, slots=True)
class Deaths:
    """A bot whose messages killed workers.

    Args:
        bot: the bot's name.
        workers: how many.
        last: when the last was.
        one_at_a_time: whether the bot has one turn at once because of it.
    """

    bot: str
    workers: int
    last: str
    one_at_a_time: bool


class Command(BaseCommand):
    """Shows the state of an installation. It writes nothing."""

    help = "Show what waits and what was given up, by bot and provider, and which accounts and APIs are not well."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        rows, accounts, apis, oldest = backlog.count(by_bot=True), list(_troubled()), open_breakers(), backlog.oldest()
        deaths = list(_deaths())
        if options["json"]:
            parts: dict[str, Sequence[Any]] = {"rows": rows, "accounts": accounts, "apis": apis, "deaths": deaths}
            document = {"oldest": oldest, **{name: [asdict(one) for one in part] for name, part in parts.items()}}
            self.stdout.write(json.dumps(document, indent=2, default=str))
        else:
            self.stdout.write(_table(rows) if rows else "Nothing waits, and nothing failed or was given up.")
            for row in rows:
                if row.unreadable:
                    kind = f"{row.provider} {row.kind}".lstrip()
                    self.stdout.write(f"{row.bot}, {kind}: {row.unreadable} of {row.rows} wait: {backlog.UNREADABLE}")
            for one in accounts:
                name = f"{one.bot or '(no bot)'}, {one.provider} {one.account}"
                self.stdout.write(f"{name}: {'; '.join(one.trouble)}")
            names = dict(Bot.objects.filter(pk__in=[api.bot_id for api in apis]).values_list("pk", "name"))
            for api in apis:
                until = api.open_until.isoformat(timespec="seconds")
                self.stdout.write(f"{names.get(api.bot_id, '')}, {api.origin}: left alone until {until}")
            for bot in deaths:
                slow = ", so it is answered one message at a time" if bot.one_at_a_time else ""
                self.stdout.write(f"{bot.bot}: its messages killed {bot.workers} workers, the last at {bot.last}{slow}")


def _table(rows: list[Backlog]) -> str:
    """Return rows as aligned columns."""
    lines = [("bot", "provider", "kind", "status", "rows", "oldest")]
    lines += [(row.bot, row.provider, row.kind, row.status, f"{row.rows}", f"{row.seconds:.0f} s") for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _deaths() -> Iterator[Deaths]:
    for bot in Bot.objects.filter(worker_deaths__gt=0).order_by("-worker_deaths", "pk"):
        last = bot.last_worker_death_at
        moment = last.isoformat(timespec="seconds") if last else ""
        yield Deaths(bot.name, bot.worker_deaths, moment, worker_deaths.is_suspected(bot))


def _troubled() -> Iterator[Trouble]:
    for slug in providers():
        for row in model_of(slug).objects.order_by("created_at"):
            if trouble := list(_trouble(row)):
                bot = getattr(row, "bot", None)
                yield Trouble(bot.name if bot else "", slug, str(row.pk), trouble)


def _trouble(row: IntegrationBot) -> Iterator[str]:
    """Yield the problems of an account. The texts of providers in them hold no secrets."""
    if row.status != IntegrationBot.Status.CONNECTED:
        yield IntegrationBot.Status(row.status).label
    if not row.enabled:
        yield "disabled"
    if row.paused_until is not None and row.paused_until > timezone.now():
        yield f"nothing is sent until {row.paused_until.isoformat(timespec='seconds')}"
    if row.last_error:
        when = f" at {row.last_error_at.isoformat(timespec='seconds')}" if row.last_error_at else ""
        yield f"last error{when}: {row.last_error}"
