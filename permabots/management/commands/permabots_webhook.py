"""``manage.py permabots_webhook set|restore|remove|info|rotate|retire [bot…]``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permabots import origin
from permabots.exceptions import ConfigurationError, ProviderError, SecretUnreadable
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models import IntegrationBot
from permabots.models.registry import providers
from permabots.models.webhook_secret import missing_secret
from permabots.origin import Origin, Source
from permabots.pipeline.authoring import webhook_secrets
from permabots.pipeline.authoring.integrations import integrations_of
from permabots.pipeline.receiving import identities

NONE_NEEDED = "connected; it has no webhook, and needs none"


class Command(BaseCommand):
    """Sets, restores, removes or shows the webhooks of bots, and stores the accounts' present names.

    After a change of the domain, one ``set`` moves all webhooks. ``restore`` sets only the webhooks that their provider
    has dropped (Messenger drops a page's after an hour of failures); it is made for a timer. ``rotate`` gives webhooks
    new secrets, ``retire`` ends those before.
    """

    help = (
        "Set, restore, remove or show the webhooks of the named bots (ids or names), of all bots when none is named; "
        "or rotate their secrets, and retire those before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["set", "restore", "remove", "info", "rotate", "retire"])
        add_bots(parser)
        parser.add_argument("--provider", choices=tuple(providers()), help="only this provider's accounts")

    def handle(self, *args: Any, action: str, bots: list[str], provider: str | None, **options: Any) -> None:
        with unknown_bots_refused():
            rows = [row for row in integrations_of(bots) if provider in (None, row.SLUG)]
        if not rows:
            raise CommandError("No bot is connected to a provider." if not bots else "None of these is connected.")
        with origin.acting(lambda: Origin(Source.COMMAND, credential="permabots_webhook")):
            failed = [row for row in rows if not self._do(action, row)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(rows)} failed.")

    def _do(self, action: str, row: IntegrationBot) -> bool:
        """Run the action for one account, and print the result; False when it failed, so that others go on."""
        bot: Any = getattr(row, "bot")  # noqa: B009 - either side of the one-to-one with Bot
        try:
            result = getattr(self, f"_{action}")(row)
        except (ProviderError, ConfigurationError, SecretUnreadable) as error:
            self.stderr.write(self.style.ERROR(f"{bot.name}, {row}: {error}"))
            return False
        self.stdout.write(f"{bot.name}, {row}: {result}")
        return True

    def _set(self, row: IntegrationBot) -> str:
        if not row.enabled:
            return "disabled, so it has no webhook"
        row.connect()
        if not row.provider.has_webhook:
            return NONE_NEEDED
        missing = f", but {name} missing: it takes no message" if (name := missing_secret(row)) else ""
        return f"webhook set to {row.webhook_url}{missing}"

    def _restore(self, row: IntegrationBot) -> str:
        if not row.enabled:
            return "disabled, so it has no webhook"
        if not row.provider.has_webhook:
            return NONE_NEEDED + _renamed(row)
        info = row.client().webhook_info()
        if info.url in {row.absolute_hook_url(), None} and info.complete:
            return "webhook in place" + _renamed(row)
        return f"lost, {self._set(row)}"

    def _remove(self, row: IntegrationBot) -> str:
        row.set_webhook(None)
        return "webhook removed" if row.provider.has_webhook else NONE_NEEDED

    def _rotate(self, row: IntegrationBot) -> str:
        if words := webhook_secrets.problem(row):
            return words
        webhook_secrets.rotate(row)
        return "the webhook has a new secret, and calls with the one before are taken too"

    def _retire(self, row: IntegrationBot) -> str:
        if words := webhook_secrets.retire_problem(row):
            return words
        webhook_secrets.retire(row)
        return "calls with the secret before are taken no more"

    def _info(self, row: IntegrationBot) -> str:
        info = row.client().webhook_info()
        if not row.provider.has_webhook:
            return NONE_NEEDED + _renamed(row)
        parts = [
            "connected, the provider does not say to which address" if info.url is None else info.url or "no webhook"
        ]
        if info.pending is not None:
            parts.append(f"{info.pending} waiting there")
        if info.last_error:
            at = f" at {info.last_error_at}" if info.last_error_at else ""
            parts.append(f"last error{at}: {info.last_error}")
        if info.url and info.url != row.webhook_url:
            parts.append("not the address this project gave it")
        if missing := missing_secret(row):
            parts.append(f"{missing} missing: no message is taken")
        return ", ".join(parts) + _renamed(row)


def _renamed(row: IntegrationBot) -> str:
    """Ask the provider for the account's identity, store it, and return words about a new name."""
    name = identities.refresh(row)
    return f", called {name} now" if name else ""
