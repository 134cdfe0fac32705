"""The variables of bots."""

from __future__ import annotations

from django.db import models

from permabots.engine.definitions import VariableDefinition
from permabots.models.encrypted import EncryptedCharField
from permabots.models.revision import ConfigurationModel


class EnvironmentVar(ConfigurationModel):
    """A variable of a bot: a text that its templates share, ``{{ env.key }}``.

    Attributes:
        bot: the bot.
        key: the variable's name, unique in the bot.
        value: the text; encrypted whether or not it is called secret, since people forget to.
        secret: whether the value is redacted in traces and masked for people.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="env_vars")
    key = models.CharField(max_length=255)
    value = EncryptedCharField(max_length=255)
    secret = models.BooleanField(default=False)

    class Meta(ConfigurationModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "key"], name="permabots_env_key")]
        verbose_name = "environment variable"

    def __str__(self) -> str:
        return self.key

    def definition(self) -> VariableDefinition:
        return VariableDefinition(self.key, self.value, self.secret)
