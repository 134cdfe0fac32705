"""Notification hooks and their recipients."""

from __future__ import annotations

import string
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import get_random_string

from permabots.engine.definitions import HookDefinition
from permabots.models.base import ProviderProxy
from permabots.models.recorded import RecordedModel
from permabots.models.registry import providers
from permabots.models.response import Response
from permabots.models.revision import ConfigurationModel, ConfigurationQuerySet
from permabots.validators import validate_parameter_template

KEY_LENGTH = 22


def generate_key() -> str:
    """Return a new key for a hook: 22 random letters and digits (131 bits), which are safe in a URL."""
    return get_random_string(KEY_LENGTH, string.ascii_letters + string.digits)


class HookQuerySet(ConfigurationQuerySet["Hook"]):
    """A queryset that finds a hook by a key in its address."""

    def with_key(self, key: str) -> models.QuerySet[Hook]:
        """Return the hook that a key is valid for: it is the hook's own, or the one before in its time of grace."""
        before = models.Q(previous_key=key, previous_key_expires_at__gt=timezone.now())
        return self.filter(models.Q(key=key) | before)


class Hook(ConfigurationModel):
    """An address to which a user's program posts data; the bot then sends a message to each of the hook's recipients.

    Attributes:
        bot: the bot.
        name: the name shown to people.
        key: the last part of the hook's URL.
        previous_key: the key before the last rotation, None where it ended with it.
        previous_key_expires_at: the time from which that key is refused.
        response: the templates of the messages; they can read ``env``, ``data``, ``recipient`` and ``emoji``.
        enabled: whether posts are accepted; a disabled hook answers with status 404.
        strict: whether posts are refused whose data lack a value that the templates read.
        recipients_template: the template that names the recipients of a post; it can read ``env``, ``data`` and
            ``emoji``; "" for all recipients.
        document_id: the id that documents know the hook by, "" for its own.
    """

    MACHINE = frozenset({"previous_key", "previous_key_expires_at", "document_id"})

    objects: ClassVar[Any] = HookQuerySet.as_manager()

    bot = models.ForeignKey("permabots.Bot", models.CASCADE, related_name="hooks")
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=100, unique=True, default=generate_key)
    previous_key = models.CharField(max_length=100, unique=True, null=True, editable=False)
    previous_key_expires_at = models.DateTimeField(null=True, editable=False)
    response = models.OneToOneField(Response, models.CASCADE, related_name="hook")
    enabled = models.BooleanField(default=True)
    strict = models.BooleanField(
        default=False, help_text="Refuse data that the templates read and that are not there, before anybody is told."
    )

    recipients_template = models.TextField(blank=True, default="", validators=[validate_parameter_template])
    document_id = models.CharField(max_length=64, blank=True, default="", editable=False)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; an empty key is replaced by a new one."""
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

    @property
    def web_recipients(self) -> models.QuerySet[Recipient]:
        return self.recipients_of("web")


@receiver(post_delete, sender=Hook, dispatch_uid="permabots.hook.parts")
def _delete_parts(instance: Hook, using: str, **_: Any) -> None:
    """Delete the response of a deleted hook: it belongs to the hook alone."""
    Response._base_manager.using(using).filter(pk=instance.response_id).delete()


class Recipient(RecordedModel):
    """A recipient of a hook. It is not part of the compiled configuration: each notification reads the recipients.

    Attributes:
        hook: the hook.
        provider: the provider's slug.
        chat_id: the provider's id of the chat.
        user_id: the id of the person in the chat (Kik: the user name), "" where the provider needs none.
        topic: the topic of the chat, "" for none.
        name: the name shown to people.
    """

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="recipients")
    provider = models.CharField(max_length=30)
    chat_id = models.CharField(max_length=150)
    user_id = models.CharField(max_length=255, blank=True, default="")
    topic = models.CharField(max_length=150, blank=True, default="")
    name = models.CharField(max_length=100)

    class Meta(RecordedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["hook", "provider", "chat_id", "user_id", "topic"], name="permabots_recipient_once"
            )
        ]

    def recorded_bots(self, using: str) -> Any:
        return list(Hook._base_manager.using(using).filter(pk=self.hook_id).values_list("bot_id", flat=True))

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: Any = None) -> None:
        """Check the columns, and the topic by the rules of the provider.

        Raises:
            django.core.exceptions.ValidationError: names the columns.
        """
        super().clean_fields(exclude=exclude)
        if "topic" in (exclude or ()) or (provider := providers().get(self.provider)) is None:
            return
        try:
            self.topic = provider.read_topic(self.topic.strip())
        except ValueError as refusal:
            raise ValidationError({"topic": str(refusal)}) from refusal

    @property
    def place(self) -> tuple[str, str, str]:
        """The chat, the person in it and the topic, "" for each that the recipient does not have."""
        return self.chat_id, self.user_id, self.topic

    @property
    def username(self) -> str:
        """The person's user name at Kik."""
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


class WebRecipient(ProviderProxy, Recipient):
    """Recipients in web chats."""

    PROVIDER = "web"

    class Meta:
        proxy = True
