"""Actions on several accounts at once: setting webhooks, enabling and disabling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from permabots.exceptions import ConfigurationError, IntegrationRefused, ProviderError, SecretUnreadable
from permabots.models import Bot, IntegrationBot
from permabots.pipeline.authoring import integrations, webhook_secrets

NONE_NEEDED = "connected; it has no webhook, and needs none"
ACCOUNT_ACTIONS = (
    *("set_webhooks", "remove_webhooks", "check_webhooks", "rotate_secrets", "retire_secrets"),
    *("enable_accounts", "disable_accounts"),
)


class AccountActions:
    """Actions on accounts at providers. Each account is handled by itself: one that fails does not stop the others."""

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

    @admin.action(description="Rotate the webhook's secret: a new one, the old one works too", permissions=["change"])
    def rotate_secrets(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, _rotate_secret)

    @admin.action(description="Retire the webhook's secret before", permissions=["change"])
    def retire_secrets(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._each(request, rows, _retire_secret)

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
            except (ProviderError, ConfigurationError, IntegrationRefused, SecretUnreadable) as error:
                messages.error(request, f"{who}: {error}")
            except ValidationError as error:
                messages.error(request, f"{who}: {' '.join(error.messages)}")


def bot_of(row: Any) -> Bot | None:
    """Return an account's bot; None for one that is being removed."""
    bot: Bot | None = getattr(row, "bot", None)
    return bot


def _set(row: IntegrationBot) -> str:
    if not row.enabled:
        return "disabled, so it has no webhook"
    row.connect()
    return f"webhook set to {row.webhook_url}" if row.provider.has_webhook else NONE_NEEDED


def _remove(row: IntegrationBot) -> str:
    row.set_webhook(None)
    return "webhook removed" if row.provider.has_webhook else NONE_NEEDED


def _check(row: IntegrationBot) -> str:
    info = row.client().webhook_info()
    if not row.provider.has_webhook:
        return NONE_NEEDED
    parts = ["connected, the provider does not say to which address" if info.url is None else info.url or "no webhook"]
    if info.url and info.url != row.webhook_url:
        parts.append("which is not the address that this project gave it")
    if info.pending is not None:
        parts.append(f"{info.pending} waiting there")
    if info.last_error:
        parts.append(f"last error at {info.last_error_at}: {info.last_error}")
    return ", ".join(parts)


def _rotate_secret(row: IntegrationBot) -> str:
    webhook_secrets.rotate(row)
    return "the webhook has a new secret, and calls with the one before are taken too"


def _retire_secret(row: IntegrationBot) -> str:
    webhook_secrets.retire(row)
    return "calls with the secret before are taken no more"


def _switch(row: IntegrationBot, enabled: bool) -> str:
    integrations.change(row, {}, enabled=enabled)
    return "enabled" if enabled else "disabled"
