"""Handlers."""

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
        """Return the handlers in the order in which they are tried: descending priority, then oldest first."""
        return self.order_by("-priority", "created_at", "id")


class Handler(ConfigurationModel):
    """A reaction of a bot to messages that match a pattern.

    Attributes:
        bot: the bot.
        name: the name shown to people.
        pattern: a regular expression of Python's `re`, which is searched in a message's text.
        request: the call to a user API before the answer is rendered, None for none.
        response: the templates of the answer.
        enabled: whether the handler is tried.
        disabled_reason: why permabots itself disabled the handler, "" otherwise.
        target_state: the state that the chat moves to when the turn succeeds, None for staying.
        source_states: the states in which the handler answers; none for every state and for no state.
        priority: a handler with a higher number is tried first.
        document_id: the id that documents know the handler by, "" for its own.
    """

    MACHINE = frozenset({"document_id"})

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
    document_id = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects: ClassVar[models.Manager[Any]] = HandlerQuerySet.as_manager()

    class Meta(ConfigurationModel.Meta):
        ordering = ["-priority", "created_at", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; `disabled_reason` is cleared when the handler is enabled."""
        if self.enabled and self.disabled_reason:
            self.disabled_reason = ""
            if (names := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*names, "disabled_reason"}
        super().save(*args, **kwargs)

    def definition(self) -> HandlerDefinition:
        """Return this handler as a value of the engine; this reads its request, response and states."""
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
    """Delete the request and the response of a deleted handler: they belong to it alone."""
    Response._base_manager.using(using).filter(pk=instance.response_id).delete()
    if instance.request_id:
        Request._base_manager.using(using).filter(pk=instance.request_id).delete()
