"""What can be done with several rows at once: webhooks, switching on and off, trying again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from permabots.exceptions import ConfigurationError, IntegrationRefused, NothingToRetry, ProviderError
from permabots.models import Bot, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.registry import providers
from permabots.pipeline import integrations
from permabots.pipeline.retry import GIVEN_UP, retry
from permabots.tasks import wake

MOST = 500
"""Messages one action tries again; it says how many are left."""


ACCOUNT_ACTIONS = ("set_webhooks", "remove_webhooks", "check_webhooks", "enable_accounts", "disable_accounts")


class AccountActions:
    """Actions on accounts at providers, each asked for itself: one that fails keeps no other from its turn."""

    def accounts_of(self, rows: QuerySet[Any]) -> list[IntegrationBot]:
        """Return the accounts that the chosen rows stand for."""
        raise NotImplementedError

    @admin.action(description="Set the webhook", permissions=["change"])
    def set_webhooks(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, _set)

    @admin.action(description="Remove the webhook", permissions=["change"])
    def remove_webhooks(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, _remove)

    @admin.action(description="Check the webhook", permissions=["view"])
    def check_webhooks(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, _check)

    @admin.action(description="Enable the accounts", permissions=["change"])
    def enable_accounts(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, lambda row: _switch(row, True))

    @admin.action(description="Disable the accounts", permissions=["change"])
    def disable_accounts(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, lambda row: _switch(row, False))

    def _each(self, request: HttpRequest, rows: QuerySet[Any], do: Callable[[IntegrationBot], str]) -> None:
        accounts = self.accounts_of(rows)
        if not accounts:
            messages.warning(request, "None of these is connected to a messenger.")
        for row in accounts:
            who = f"{bot_of(row) or 'no bot'}, {row}"
            try:
                messages.success(request, f"{who}: {do(row)}.")
            except (ProviderError, ConfigurationError, IntegrationRefused) as error:
                messages.error(request, f"{who}: {error}")


def bot_of(row: Any) -> Bot | None:
    """Return an account's bot; None for one that is being removed."""
    bot: Bot | None = getattr(row, "bot", None)
    return bot


def _set(row: IntegrationBot) -> str:
    if not row.enabled:
        return "disabled, so it has no webhook"
    row.connect()
    return f"webhook set to {row.webhook_url}"


def _remove(row: IntegrationBot) -> str:
    row.set_webhook(None)
    return "webhook removed"


def _check(row: IntegrationBot) -> str:
    info = row.client().webhook_info()
    said = ["connected, the provider does not say to which address" if info.url is None else info.url or "no webhook"]
    if info.url and info.url != row.webhook_url:
        said.append("which is not the address that this project gave it")
    if info.pending is not None:
        said.append(f"{info.pending} waiting there")
    if info.last_error:
        said.append(f"last error at {info.last_error_at}: {info.last_error}")
    return ", ".join(said)


def _switch(row: IntegrationBot, enabled: bool) -> str:
    integrations.change(row, {}, enabled=enabled)
    return "enabled" if enabled else "disabled"


def failed_messages(bots: Iterable[Bot]) -> QuerySet[InboundMessage]:
    """Return the messages of these bots that can be tried again, the oldest first."""
    chosen = list(bots)
    accounts = [row.pk for bot in chosen for row in bot.integrations() if row.enabled]
    call = OutboundMessage.objects.filter(inbound=OuterRef("pk"), status__in=GIVEN_UP, payload__optional=False)
    failed = Q(status__in=GIVEN_UP) | Exists(call)
    return InboundMessage.objects.filter(failed, bot__in=chosen, integration_id__in=accounts).order_by("pk")


def retry_messages(request: HttpRequest, rows: QuerySet[InboundMessage]) -> None:
    """Try messages again and say what came of it."""
    paths = [f"bot__{slug}_bot" for slug in providers()]
    chosen = list(rows.select_related("bot", *paths).defer("raw", "trace")[: MOST + 1])
    done = 0
    reasons: dict[str, None] = {}
    for row in chosen[:MOST]:
        try:
            retry(row.bot, row)
        except NothingToRetry as reason:
            reasons[str(reason)] = None
        else:
            done += 1
            wake(row.conversation_id, row.provider)
    _tell(request, done, list(reasons), more=len(chosen) > MOST)


def _tell(request: HttpRequest, done: int, reasons: list[str], *, more: bool) -> None:
    if done or not reasons:
        messages.success(request, f"{done} message{'' if done == 1 else 's'} will be tried again.")
    for reason in reasons:
        messages.warning(request, reason)
    if more:
        messages.warning(request, f"No more than {MOST} at once: there are others.")
