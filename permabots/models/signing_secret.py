"""The secrets with which bots sign the requests to their authors' APIs."""

from __future__ import annotations

from django.db import models

from permabots.models.encrypted import EncryptedCharField
from permabots.models.revision import ConfigurationModel


class SigningSecret(ConfigurationModel):
    """The secret with which a bot signs its requests. A bot without a row does not sign.

    While a secret is replaced, both sign each request, until the author's API knows the new one.

    Attributes:
        bot: the bot.
        current_secret: the secret in force.
        previous_secret: the secret before, which signs too; "" for none.
    """

    MACHINE = frozenset({"current_secret", "previous_secret"})

    bot = models.OneToOneField("permabots.Bot", models.CASCADE, related_name="signing_secret")
    current_secret = EncryptedCharField(max_length=100, editable=False)
    previous_secret = EncryptedCharField(max_length=100, blank=True, default="", editable=False)

    def __str__(self) -> str:
        return f"signing secret of {self.bot}"

    def in_force(self) -> tuple[str, ...]:
        """Return the secrets that sign, the newest first."""
        return tuple(secret for secret in (self.current_secret, self.previous_secret) if secret)
