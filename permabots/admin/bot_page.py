"""The overview on a bot's page: all parts of the bot, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from permabots.addresses import webhook_url
from permabots.admin.formatting import number_of, page_url
from permabots.admin.secrets import shown_variable
from permabots.exceptions import ConfigurationError, SecretUnreadable
from permabots.models import Bot, Hook, InboundMessage, IntegrationBot, Recipient
from permabots.models.registry import model_of, providers
from permabots.models.webhook_secret import missing_secret
from permabots.providers.base.contract import Provider

RECENT = 1000
"""How many of a bot's newest messages the page counts to say which handlers answered."""


@dataclass(frozen=True, slots=True)
class Account:
    """A bot's account at one provider, or that it has none.

    Args:
        provider: the provider's name.
        page: the URL of the account's page, or of the one that makes an account; "" where there is no such page.
        row: the account, None where the bot has none.
        status: the state of the connection, in words.
        problem: whether the status is one that needs attention.
        safe: whether no forged call of the webhook is taken.
        paused_until: the moment before which nothing is sent; None where sending is not paused.
    """

    provider: str
    page: str
    row: IntegrationBot | None
    status: str
    problem: bool = False
    safe: bool = True
    paused_until: datetime | None = None


def accounts(bot: Bot, site: str = "admin") -> list[Account]:
    """Return the bot's accounts, one for each provider in use, with links to pages of an admin site."""
    return [_account(bot, provider, bot.integration(slug), site) for slug, provider in providers().items()]


def _account(bot: Bot, provider: Provider, row: IntegrationBot | None, site: str) -> Account:
    table = model_of(provider.slug)
    if row is None:
        return Account(provider.name, f"{url}?bot={bot.pk}" if (url := page_url(site, table, "add")) else "", None, "")
    paused = row.paused_until if row.paused_until and row.paused_until > timezone.now() else None
    url = page_url(site, table, "change", row.pk)
    safe = bool(missing_secret(row)) or proves(row)
    return Account(provider.name, url, row, status_of(row), has_problem(row), safe, paused)


def status_of(row: IntegrationBot) -> str:
    """Return the state of a connection in words."""
    if not row.enabled:
        return "disabled: what comes in is stored and not answered"
    if row.status != IntegrationBot.Status.CONNECTED:
        return str(row.get_status_display())
    if missing := missing_secret(row):
        return f"{missing} missing: it takes no messages"
    return "connected" if row.webhook_url or not row.provider.has_webhook else "connected, without a webhook"


def has_problem(row: IntegrationBot) -> bool:
    """Return whether a connection needs to be looked at."""
    return not row.enabled or row.status != IntegrationBot.Status.CONNECTED or bool(missing_secret(row))


def proves(row: IntegrationBot) -> bool:
    """Return whether this row's credentials prove that calls of the webhook come from the provider."""
    try:
        return row.provider.can_verify(row.values(row.provider.verify_fields))
    except SecretUnreadable:  # then no call is taken at all
        return False


def hook_address(hook: Hook) -> str:
    """Return the whole URL of a hook, or the reason why it has none."""
    try:
        return webhook_url("hook", key=hook.key)
    except ConfigurationError as error:
        return str(error)


def answered(bot: Bot) -> tuple[int, Counter[str]]:
    """Return how many of the newest messages were looked at, and how many of them each handler (its id) answered."""
    answers = list(bot.messages.order_by("-pk").values_list("trace__handler__id", "status")[:RECENT])
    return len(answers), Counter(str(pk) for pk, status in answers if pk and status != InboundMessage.Status.FAILED)


def parts(bot: Bot, site: str) -> Mapping[str, Any]:
    """Return the context of the template of the bot's page, with links to pages of an admin site."""
    looked_at, counts = answered(bot)
    handlers = bot.handlers.in_order().select_related("target_state", "request").prefetch_related("source_states")
    rows: list[Any] = list(handlers)
    for row in rows:
        row.answered = counts[str(row.pk)]
    hooks = bot.hooks.annotate(recipient_count=number_of(Recipient, "hook"))
    return {
        "accounts": accounts(bot, site),
        "handlers": rows,
        "looked_at": looked_at,
        "states": list(bot.states.all()),
        "variables": [(it, shown_variable(it)) for it in bot.env_vars.all()],
        "hooks": [(it, hook_address(it)) for it in hooks],
    }
