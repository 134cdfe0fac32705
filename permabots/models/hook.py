"""Notification hooks and whom they tell."""

from __future__ import annotations

import string
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.crypto import get_random_string

from permabots.engine.definitions import HookDefinition
from permabots.models.base import PermabotsModel, ProviderProxy
from permabots.models.registry import providers
from permabots.models.response import Response
from permabots.models.revision import ConfigurationModel
from permabots.validators import validate_parameter_template

KEY_LENGTH = 22


def generate_key() -> str:
    """Return a hook's key: 22 letters and digits (131 bits), fit for a URL."""
    return get_random_string(KEY_LENGTH, string.ascii_letters + string.digits)


class Hook(ConfigurationModel):
    """An address to which the user's own system posts data, and what its recipients are told then.

    Attributes:
        bot: whose it is.
        name: for people.
        key: the last part of its URL.
        response: what is said, with ``env``, ``data``, ``recipient`` and ``emoji``.
        enabled: a disabled one answers 404.
        strict: it refuses data that leave holes in what it says.
        recipients_template: names the recipients that are told, with ``env``, ``data`` and ``emoji``; "" for all.
    """

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="hooks")
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=100, unique=True, default=generate_key)
    response = models.OneToOneField(Response, models.CASCADE, related_name="hook")
    enabled = models.BooleanField(default=True)
    strict = models.BooleanField(
        default=False, help_text="Refuse data that the templates read and that are not there, before anybody is told."
    )

    recipients_template = models.TextField(blank=True, default="", validators=[validate_parameter_template])

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; an empty key is replaced by a fresh one."""
        self.key = self.key or generate_key()
        super().save(*args, **kwargs)

    def definition(self) -> HookDefinition:
        return HookDefinition(str(self.pk), self.name, self.response.definition(), self.recipients_template)

    def recipients_of(self, provider: str) -> models.QuerySet[Recipient]:
        """Return the recipients on one provider."""
        return self.recipients.filter(provider=provider)

    @property
    def telegram_recipients(self) -> models.QuerySet[Recipient]:
        return self.recipients_of("telegram")

    @property
    def kik_recipients(self) -> models.QuerySet[Recipient]:
        return self.recipients_of("kik")

    @property
    def messenger_recipients(self) -> models.QuerySet[Recipient]:
        return self.recipients_of("messenger")


@receiver(post_delete, sender=Hook, dispatch_uid="permabots.hook.parts")
def _delete_parts(instance: Hook, using: str, **_: Any) -> None:
    """The response belongs to the hook alone: it goes with it."""
    Response._base_manager.using(using).filter(pk=instance.response_id).delete()


class Recipient(PermabotsModel):
    """Whom a hook tells. Not part of the compiled configuration: it is read when a notification goes out.

    Attributes:
        hook: whose it is.
        provider: on which messenger.
        chat_id: the provider's id of the chat.
        user_id: the person in it, "" where the provider needs none (Kik: the user name).
        topic: the topic of the chat, "" for none.
        name: for people.
    """

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="recipients")
    provider = models.CharField(max_length=30)
    chat_id = models.CharField(max_length=150)
    user_id = models.CharField(max_length=255, blank=True, default="")
    topic = models.CharField(max_length=150, blank=True, default="")
    name = models.CharField(max_length=100)

    class Meta(PermabotsModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["hook", "provider", "chat_id", "user_id", "topic"], name="permabots_recipient_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: Any = None) -> None:
        """Check the columns, and the topic by the rules of the provider."""
        super().clean_fields(exclude=exclude)
        if "topic" in (exclude or ()) or (provider := providers().get(self.provider)) is None:
            return
        try:
            self.topic = provider.read_topic(self.topic.strip())
        except ValueError as refusal:
            raise ValidationError({"topic": str(refusal)}) from refusal

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is told: the chat, the person in it and the topic, "" for what it has none of."""
        return self.chat_id, self.user_id, self.topic

    @property
    def username(self) -> str:
        """What Kik calls the person."""
        return self.user_id

    @username.setter
    def username(self, value: str) -> None:
        self.user_id = value


class TelegramRecipient(ProviderProxy, Recipient):
    """Recipients on Telegram."""

    PROVIDER = "telegram"

    class Meta:
        proxy = True


class KikRecipient(ProviderProxy, Recipient):
    """Recipients on Kik."""

    PROVIDER = "kik"

    class Meta:
        proxy = True


class MessengerRecipient(ProviderProxy, Recipient):
    """Recipients on Messenger."""

    PROVIDER = "messenger"

    class Meta:
        proxy = True
