"""Conversations that a bot must go on answering as it did when they were written down."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from permabots.engine import test_steps
from permabots.models.base import PermabotsModel
from permabots.values import Json


def validate_steps(value: Json) -> None:
    """Refuse what is no conversation, as `permabots.engine.test_steps` reads one."""
    try:
        test_steps.read(value)
    except ValueError as error:
        raise ValidationError(str(error), code="steps") from error


class ConversationTest(PermabotsModel):
    """A conversation and the answers that are right. It is no part of what the bot does: no revision goes up with it.

    Attributes:
        bot: whose it is.
        name: for people, unique in the bot.
        provider: the messenger that it is held on.
        state: the name of the state that it begins in, None for none.
        steps: JSON as `permabots.engine.test_steps` has it.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="conversation_tests")
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=30)
    state = models.CharField(max_length=255, null=True, blank=True)
    steps = models.JSONField(default=list, validators=[validate_steps])

    class Meta(PermabotsModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="permabots_conversation_test_name")]

    def __str__(self) -> str:
        return self.name

    def dialogue(self) -> tuple[test_steps.Step, ...]:
        """Return the steps as values."""
        return test_steps.read(self.steps)
