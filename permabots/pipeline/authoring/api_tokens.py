"""Making, rotating and revoking API tokens. The REST API, the admin and code write through here.

A key is returned once, by what makes it; afterwards nobody can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from permabots.database import atomic
from permabots.models import ApiToken, Bot
from permabots.models.api_token import Scope
from permabots.pipeline import quotas
from permabots.security import api_keys

MAX_GRACE = 7 * 24 * 3600
"""Seconds for which a replaced key may go on working at most."""


def create(user: Any, values: Mapping[str, Any]) -> tuple[ApiToken, str]:
    """Make a token.

    Args:
        user: the user who will call with it.
        values: ``name``, ``scopes``, either ``all_bots`` as True or ``bots``, and, where wanted, ``expires_at``.

    Returns:
        The token and its key.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
    """
    bots: list[Bot] = list(values.get("bots") or ())
    columns = {name: values[name] for name in ("name", "scopes", "all_bots", "expires_at") if name in values}
    key = api_keys.new_key()
    row = ApiToken(user=user, key_prefix=api_keys.beginning(key), key_digest=api_keys.digest(key), **columns)
    row.full_clean()
    row.scopes = [scope for scope in Scope.values if scope in row.scopes]
    check(user, row, bots)
    quotas.check(row)
    with atomic():
        row.save()
        row.bots.set(bots)
    return row, key


def check(user: Any, row: ApiToken, bots: list[Bot]) -> None:
    """Refuse a token that is for no bot, for somebody else's, or that could give itself more rights.

    Raises:
        django.core.exceptions.ValidationError: names the field.
    """
    if row.all_bots == bool(bots):
        raise ValidationError({"bots": "A token is either for all bots or for some that are named."})
    if any(bot.owner_id != user.pk for bot in bots):
        raise ValidationError({"bots": "A token is for bots of its own user."})
    if Scope.TOKENS in row.scopes and not (row.all_bots and set(row.scopes) == set(Scope.values)):
        words = "Who can make tokens can do everything with one: this scope goes with all others, and with all bots."
        raise ValidationError({"scopes": words})
    if row.refusal():
        raise ValidationError({"expires_at": "This moment has passed."})


def rotate(row: ApiToken, grace_seconds: int = 0) -> str:
    """Give a token a new key.

    Args:
        row: the token; it has the new values afterwards.
        grace_seconds: how long the key that it had goes on working, up to `MAX_GRACE`. A key that was replaced before
            ends now.

    Returns:
        The new key.

    Raises:
        django.core.exceptions.ValidationError: the token is revoked or has expired.
    """
    key = api_keys.new_key()
    with atomic():
        stored = ApiToken.objects.select_for_update().get(pk=row.pk)
        if refusal := stored.refusal():
            raise ValidationError(f"{refusal} Make a new one.")
        kept = min(max(grace_seconds, 0), MAX_GRACE)
        ApiToken.objects.filter(pk=row.pk).update(
            key_prefix=api_keys.beginning(key),
            key_digest=api_keys.digest(key),
            previous_key_digest=stored.key_digest if kept else None,
            previous_key_expires_at=timezone.now() + timedelta(seconds=kept) if kept else None,
        )
    row.refresh_from_db()
    return key


def revoke(row: ApiToken) -> None:
    """Refuse a token from now on, the key before a rotation too. A token that is revoked already stays as it is."""
    ApiToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now())
    row.refresh_from_db()
