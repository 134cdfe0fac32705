"""The secrets that authenticate a provider's calls: which is missing, and how one of ours is replaced."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import F

from permabots.database import alias, atomic
from permabots.models.bot_event import BotEvent, record
from permabots.models.encrypted import EncryptedCharField, is_readable, is_set
from permabots.security.encryption import Encrypted


def missing_secret(row: Any) -> str:
    """Return the name of the credential without which no webhook call is taken; "" where none is missing.

    One that cannot be decrypted is not missing: it is asked for whether it is stored.

    Args:
        row: an account.
    """
    name: str = row.provider.missing_secret(
        {field: "stored" * is_set(row, field) for field in row.provider.verify_fields}
    )
    return name


class WebhookSecret(models.Model):
    """A base for accounts' tables whose provider sends a secret that permabots chose with every call.

    A provider that did not answer may use the new secret, or still the old one. So a new secret is stored, and accepted
    in calls, before the provider gets it. The same secret is sent until the provider accepts it; only then the secret
    before the current one is dropped. At any moment, the provider uses one of the three secrets.

    Attributes:
        webhook_secret: the secret that the provider accepted last.
        previous_webhook_secret: the secret before, still valid: calls in flight have it.
        next_webhook_secret: the secret that was sent and not accepted yet, "" for none.
    """

    ROTATES = "previous_webhook_secret"
    SECRETS = frozenset({"webhook_secret", "previous_webhook_secret", "next_webhook_secret"})

    webhook_secret = EncryptedCharField(max_length=100, blank=True, default="", editable=False)
    previous_webhook_secret = EncryptedCharField(max_length=100, blank=True, default="", editable=False)
    next_webhook_secret = EncryptedCharField(max_length=100, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def propose_secret(self) -> str:
        """Return the secret to send to the provider: the one that it has not accepted yet, else a new one, stored."""
        stored = self._as_stored("next_webhook_secret")
        if not is_readable(stored):
            self._same(next_webhook_secret=stored).update(next_webhook_secret="")
        self._same(next_webhook_secret="").update(next_webhook_secret=secrets.token_urlsafe(32))
        self._read_secrets()
        return self.next_webhook_secret

    def adopt_secret(self, secret: str) -> None:
        """Note that the provider accepted a secret; nothing happens where another process has noted that.

        The stored text is compared, since each encryption of a secret has another. Where it was encrypted with another
        key at this moment, the secret is still the same: then it is compared once more. A secret before whose key is
        gone is not kept: no call could be compared with it.

        Args:
            secret: the secret.
        """
        current: Any = F("webhook_secret") if is_readable(self._as_stored("webhook_secret")) else ""
        while isinstance(stored := self._as_stored("next_webhook_secret"), Encrypted) and stored.decrypt() == secret:
            adopted = {"webhook_secret": stored, "previous_webhook_secret": current, "next_webhook_secret": ""}
            if self._update("next_webhook_secret", stored, adopted):
                break
        self._read_secrets()

    def retire_secret(self) -> None:
        """Take no more calls with the secret before.

        The provider is given the current secret once more: a call that set the one before may have come there late.
        Where another process replaces the secret at this moment, its secrets stay as they are.

        Raises:
            ProviderError: the call failed, and nothing has changed.
        """
        row: Any = self  # an account, too
        self._read_secrets()
        secret = self.webhook_secret
        row.client().set_webhook(row.webhook_url, secret)
        while isinstance(stored := self._as_stored("webhook_secret"), Encrypted) and stored.decrypt() == secret:
            if self._update("webhook_secret", stored, {"previous_webhook_secret": ""}):
                break
        self._read_secrets()

    def _update(self, name: str, stored: Encrypted, values: dict[str, Any]) -> bool:
        """Write secrets where one of them is still as it was read, with the event of it; return whether it was."""
        row: Any = self  # an account, too
        with atomic():
            if not self._same(**{name: stored}).update(**values):
                return False
            record(row.recorded_bots(alias()), BotEvent.Action.CHANGED, self, list(values), alias())
        return True

    def _as_stored(self, name: str) -> Encrypted | str | None:
        """Return a secret as it is stored now; None where the row is gone."""
        value: Encrypted | str | None = self._same().values_list(name, flat=True).first()
        return value

    def _same(self, **also: Any) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk=self.pk, **also)

    def _read_secrets(self) -> None:
        stored: Any = self._same().only(*self.SECRETS).get()
        for name in self.SECRETS:
            setattr(self, name, vars(stored)[name])
