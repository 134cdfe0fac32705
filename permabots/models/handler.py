"""Conversation handlers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver

from permabots.engine.definitions import HandlerDefinition
from permabots.models.response import Request, Response
from permabots.models.revision import ConfigurationModel, ConfigurationQuerySet
from permabots.models.state import State
from permabots.validators import validate_pattern


class HandlerQuerySet(ConfigurationQuerySet["Handler"]):
    def in_order(self) -> HandlerQuerySet:
        """In the order they are tried: descending priority, then oldest first."""
        return self.order_by("-priority", "created_at", "id")


class Handler(ConfigurationModel):
    """How a bot reacts to a message that its pattern is found in.

    Attributes:
        bot: whose it is.
        name: for people.
        pattern: a regular expression of Python's `re`, searched in the text.
        request: what is asked of the user's API first; None for nothing.
        response: what is answered.
        enabled: a disabled one is never tried.
        disabled_reason: why permabots disabled it by itself, "" otherwise.
        target_state: where the chat goes when it succeeds; None to stay.
        source_states: where it answers; none for everywhere.
        priority: higher is tried first.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="handlers")
    name = models.CharField(max_length=100)
    pattern = models.CharField(max_length=255, validators=[validate_pattern])
    request = models.OneToOneField(Request, models.SET_NULL, null=True, blank=True, related_name="handler")
    response = models.OneToOneField(Response, models.CASCADE, related_name="handler")
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True, default="", editable=False)
    target_state = models.ForeignKey(State, models.SET_NULL, null=True, blank=True, related_name="target_handlers")
    source_states = models.ManyToManyField(State, blank=True, related_name="source_handlers")
    priority = models.IntegerField(default=0)

    objects: ClassVar[models.Manager[Any]] = HandlerQuerySet.as_manager()

    class Meta(ConfigurationModel.Meta):
        ordering = ["-priority", "created_at", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; enabling it forgets why it was disabled."""
        if self.enabled and self.disabled_reason:
            self.disabled_reason = ""
            if (names := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*names, "disabled_reason"}
        super().save(*args, **kwargs)

    def definition(self) -> HandlerDefinition:
        """Return this handler as the engine's value (reads its request, response and states)."""
        return HandlerDefinition(
            id=str(self.pk),
            name=self.name,
            pattern=self.pattern,
            response=self.response.definition(),
            request=self.request.definition() if self.request else None,
            target_state=self.target_state.definition() if self.target_state else None,
            source_states=frozenset(str(state.pk) for state in self.source_states.all()),
            priority=self.priority,
            enabled=self.enabled,
        )


@receiver(post_delete, sender=Handler, dispatch_uid="permabots.handler.parts")
def _delete_parts(instance: Handler, using: str, **_: Any) -> None:
    """The request and the response belong to the handler alone: they go with it."""
    Response._base_manager.using(using).filter(pk=instance.response_id).delete()
    if instance.request_id:
        Request._base_manager.using(using).filter(pk=instance.request_id).delete()
