"""The states of bots, and the states of chats."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from permabots.engine.definitions import StateDefinition, state_key
from permabots.models.base import PermabotsModel, ProviderProxy
from permabots.models.revision import ConfigurationModel, ConfigurationQuerySet

ORPHANED = "Its only source state was deleted: link a state or enable it to answer everywhere."


class _KeyField(models.CharField):
    """The key of a state's name, computed whenever a row is written, also in bulk."""

    derived_from = "name"

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = state_key(getattr(model_instance, "name"))  # noqa: B009 - any model with a name
        setattr(model_instance, self.attname, value)
        return value


class StateQuerySet(ConfigurationQuerySet["State"]):
    def update(self, **values: Any) -> int:
        """Update the rows; a new name also sets the key."""
        if "name" in values:
            values["key"] = state_key(values["name"])
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]


class State(ConfigurationModel):
    """A state that chats of a bot can be in.

    Attributes:
        bot: the bot.
        name: the name as its author wrote it.
        key: the state's name in templates: `name` in lower case, blanks as ``_``; unique in the bot.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="states")
    name = models.CharField(max_length=255)
    key = _KeyField(max_length=255, editable=False)

    objects: ClassVar[models.Manager[Any]] = StateQuerySet.as_manager()

    class Meta(ConfigurationModel.Meta):
        constraints = [models.UniqueConstraint(fields=["bot", "key"], name="permabots_state_key")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; where ``update_fields`` has the name, the key is saved too."""
        if (names := kwargs.get("update_fields")) is not None and "name" in names:
            kwargs["update_fields"] = {*names, "key"}
        super().save(*args, **kwargs)

    def definition(self) -> StateDefinition:
        return StateDefinition(str(self.pk), self.name)


@receiver(pre_delete, sender=State, dispatch_uid="permabots.state.watch")
def _watch(instance: State, **_: Any) -> None:
    """Remember the handlers that are limited to this state, before their links are deleted."""
    instance._restricted = list(instance.source_handlers.values_list("pk", flat=True))  # type: ignore[attr-defined]


@receiver(post_delete, sender=State, dispatch_uid="permabots.state.orphans")
def _disable_orphans(instance: State, using: str, **_: Any) -> None:
    """Disable the handlers that were limited to the deleted state alone: without it they would answer everywhere."""
    handlers = State._meta.get_field("source_handlers").related_model
    handlers._base_manager.using(using).filter(
        pk__in=instance._restricted,  # type: ignore[attr-defined]
        source_states=None,
        enabled=True,
    ).update(enabled=False, disabled_reason=ORPHANED)


def size_of(contexts: Any) -> int:
    """Return the size of contexts as JSON, in characters."""
    return len(json.dumps(contexts, separators=(",", ":")))


class _SizeField(models.PositiveIntegerField):
    """The size of a row's contexts, computed whenever a row is written, also in bulk."""

    derived_from = "contexts"

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        if "contexts" not in model_instance.get_deferred_fields():
            setattr(model_instance, self.attname, size_of(getattr(model_instance, "contexts")))  # noqa: B009 - as `_KeyField`
        size: int = getattr(model_instance, self.attname)
        return size


class ChatState(PermabotsModel):
    """The state of a conversation, with its contexts.

    Attributes:
        conversation: the conversation.
        provider: the conversation's provider, repeated so that rows can be filtered by it.
        state: the state.
        contexts: for each state's key, ``{"pattern": …, "response": …}`` of the turn that left the state.
        contexts_size: the size of the contexts as JSON, in characters: large ones are not read with every message.
    """

    conversation = models.OneToOneField("permabots.Conversation", models.CASCADE, related_name="chat_state")
    provider = models.CharField(max_length=30)
    state = models.ForeignKey(State, models.CASCADE, related_name="chat_states")
    contexts = models.JSONField(default=dict, blank=True)
    contexts_size = _SizeField(default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.conversation} in {self.state}"

    @property
    def chat(self) -> str:
        """The provider's id of the chat."""
        return self.conversation.chat_id

    @property
    def user(self) -> str:
        """The provider's id of the person in the chat, "" where the provider has no users apart from chats."""
        return self.conversation.user_id

    @property
    def topic(self) -> str:
        """The topic of the chat, "" for the whole chat."""
        return self.conversation.topic


class TelegramChatState(ProviderProxy, ChatState):
    """Chat states of Telegram."""

    PROVIDER = "telegram"

    class Meta:
        proxy = True


class KikChatState(ProviderProxy, ChatState):
    """Chat states of Kik."""

    PROVIDER = "kik"

    class Meta:
        proxy = True


class MessengerChatState(ProviderProxy, ChatState):
    """Chat states of Messenger."""

    PROVIDER = "messenger"

    class Meta:
        proxy = True


class WebChatState(ProviderProxy, ChatState):
    """Chat states of web chats."""

    PROVIDER = "web"

    class Meta:
        proxy = True
