"""Conversation tests: recorded conversations, with the answers that the bot must give."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from permabots.engine import test_steps
from permabots.models.bot_event import BotEvent, record
from permabots.models.recorded import RecordedModel
from permabots.values import Json


def validate_steps(value: Json) -> None:
    """Refuse JSON that `permabots.engine.test_steps` cannot read as steps.

    Raises:
        django.core.exceptions.ValidationError: the text names the step and the problem.
    """
    try:
        test_steps.read(value)
    except ValueError as error:
        raise ValidationError(str(error), code="steps") from error


class ConversationTestQuerySet(models.QuerySet["ConversationTest"]):
    """A queryset whose deletions are recorded: they send no signal that tells them from those of a whole bot."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the tests, and record that of each bot once."""
        with transaction.atomic(using=self.db):
            bots = set(self.order_by().values_list("bot", flat=True))
            record(bots, BotEvent.Action.DELETED, self.model, (), self.db)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class ConversationTest(RecordedModel):
    """A recorded conversation with the expected answers. It is not part of the configuration: changing it raises no
    revision.

    Attributes:
        bot: the bot.
        name: the name shown to people, unique in the bot.
        provider: the slug of the provider on which the conversation takes place.
        state: the name of the state that the conversation begins in, None for none.
        steps: the steps, as JSON of `permabots.engine.test_steps`.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="conversation_tests")
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=30)
    state = models.CharField(max_length=255, null=True, blank=True)
    steps = models.JSONField(default=list, validators=[validate_steps])

    objects: ClassVar[models.Manager[Any]] = ConversationTestQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="permabots_conversation_test_name")]

    def __str__(self) -> str:
        return self.name

    def dialogue(self) -> tuple[test_steps.Step, ...]:
        """Return the steps as values."""
        return test_steps.read(self.steps)
