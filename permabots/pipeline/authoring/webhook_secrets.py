"""Replacing the secrets of webhooks, without a call of the provider that is refused."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from permabots.models import IntegrationBot
from permabots.models.encrypted import is_set
from permabots.models.webhook_secret import WebhookSecret

MADE_ELSEWHERE = (
    "The secret that proves calls is made at {}: replace it there, and give the account the new one at once."
)
NO_WEBHOOK = "The account has no webhook, so nothing proves calls of it."


def problem(row: IntegrationBot) -> str:
    """Return why a webhook's secret cannot be replaced, a sentence; "" where it can be.

    Args:
        row: an account.
    """
    if row.MADE_BY_AUTHOR:
        return row.MADE_BY_AUTHOR
    if not row.provider.has_webhook:
        return NO_WEBHOOK
    if not isinstance(row, WebhookSecret):
        return MADE_ELSEWHERE.format(row.provider.name)
    return "" if row.enabled and row.webhook_url else NO_WEBHOOK


def retire_problem(row: IntegrationBot) -> str:
    """Return why there is no secret before to be retired, a sentence; "" where one may be.

    Args:
        row: an account.
    """
    return "" if row.ROTATES and row.MADE_BY_AUTHOR else problem(row)


def is_rotating(row: IntegrationBot) -> bool:
    """Return whether the secret before a rotation is taken, too."""
    return bool(row.ROTATES) and is_set(row, row.ROTATES)


def rotate(row: IntegrationBot) -> None:
    """Give a webhook a new secret. Calls with the one before are taken until `retire` or the next rotation.

    The new one is stored and taken before the provider gets it; a provider that refuses it, or does not answer, goes on
    with the one before. Either may send calls meanwhile.

    Args:
        row: an account. To be called outside of a transaction.

    Raises:
        django.core.exceptions.ValidationError: there is no such secret, see `problem`.
        ProviderError: the call failed; the reason is stored in the account's `last_error`.
        ConfigurationError: no webhook domain is known.
    """
    _checked(row).sync_webhook()


def retire(row: IntegrationBot) -> None:
    """Take the secret before a rotation no more, once the provider has accepted the current one again.

    Where sites sign people with it, sessions of people whom they have signed end, too.

    Args:
        row: an account. To be called outside of a transaction.

    Raises:
        django.core.exceptions.ValidationError: there is no such secret, see `problem`.
        ProviderError: the call failed, and the one before is taken still.
    """
    if words := retire_problem(row):
        raise ValidationError(words)
    account: Any = row
    account.retire_secret()


def _checked(row: IntegrationBot) -> Any:
    """Return the account, which has a secret of ours.

    Raises:
        django.core.exceptions.ValidationError: it has none.
    """
    if words := problem(row):
        raise ValidationError(words)
    return row
