"""The secret by which a provider's calls are known, where it is ours to make: replaced without refusing a call."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import F


class WebhookSecret(models.Model):
    """A base of tables of credentials whose provider sends a secret of ours with every call.

    Nobody knows what a provider that did not answer has done: it may use the new secret, or still the old one. So a new
    one is stored before it is told and taken from then on; it stays the one to be told until the provider agrees, and
    only then the previous one is forgotten. The secret that the provider uses is among the three at any moment.

    Attributes:
        webhook_secret: what the provider last agreed to.
        previous_webhook_secret: the one before, still taken: calls on their way carry it.
        next_webhook_secret: what it was told and has not agreed to yet, "" for none.
    """

    SECRETS = frozenset({"webhook_secret", "previous_webhook_secret", "next_webhook_secret"})

    webhook_secret = models.CharField(max_length=100, blank=True, default="", editable=False)
    previous_webhook_secret = models.CharField(max_length=100, blank=True, default="", editable=False)
    next_webhook_secret = models.CharField(max_length=100, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def propose_secret(self) -> str:
        """Return the secret to tell the provider, stored: the one that it has not agreed to yet, else a new one."""
        self._same(next_webhook_secret="").update(next_webhook_secret=secrets.token_urlsafe(32))
        self._read_secrets()
        return self.next_webhook_secret

    def adopt_secret(self, secret: str) -> None:
        """Note that the provider agreed; nothing happens where that was noted already, by somebody who told it too."""
        current: Any = F("webhook_secret")
        self._same(next_webhook_secret=secret).update(
            previous_webhook_secret=current, webhook_secret=secret, next_webhook_secret=""
        )
        self._read_secrets()

    def _same(self, **also: str) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk=self.pk, **also)

    def _read_secrets(self) -> None:
        self.refresh_from_db(fields=[*self.SECRETS])
