"""Bots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from permabots.engine.definitions import BotDefinition
from permabots.models.accounts import KikBot, MessengerBot, TelegramBot, account_tables
from permabots.models.bot_event import BotEvent, record
from permabots.models.integration import IntegrationBot, account_released, integration_changed, providers
from permabots.models.recorded import RecordedModel
from permabots.models.signing_secret import SigningSecret
from permabots.models.traffic import delete_traffic
from permabots.models.web_bot import WebBot
from permabots.models.webhook_secret import WebhookSecret
from permabots.values import Inbound


@contextmanager
def _telling(bots: models.QuerySet[Any]) -> Iterator[None]:
    """Send `integration_changed` for the accounts that bots have before or after the change in this block: the cached
    bot of such an account may be out of date."""
    tables = account_tables()
    before = list(bots.order_by().values(*tables))
    yield
    rows = [*before, *bots.order_by().values(*tables)]
    for table, pk in {(tables[name], pk) for row in rows for name, pk in row.items() if pk is not None}:
        integration_changed.send(table, pk=pk)


class BotQuerySet(models.QuerySet["Bot"]):
    """A queryset that can delete bots with many messages."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the bots; their conversations and messages are deleted first, in batches and without reading them."""
        delete_traffic(list(self.order_by().values_list("pk", flat=True)), self.db)
        return super().delete()

    def update(self, **values: Any) -> int:
        """Update the bots, record that, and send `integration_changed` for each account that one of them had or has."""
        with transaction.atomic(using=self.db), _telling(self.all()):
            ids = list(self.order_by().values_list("pk", flat=True))
            record(ids, BotEvent.Action.CHANGED, self.model, values, self.db)
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Bot(RecordedModel):
    """A bot: one configuration, served on every provider it is connected to.

    Attributes:
        owner: the user that the bot belongs to.
        name: the name shown to people.
        telegram_bot: its account at Telegram, None where it has none.
        kik_bot: its account at Kik, None where it has none.
        messenger_bot: its page on Messenger, None where it has none.
        web_bot: its web chat, None where it has none.
        fallback_text: the text that is sent, as it is, in place of an answer that failed; "" for none.
        separate_topics: whether each topic of a chat is a conversation of its own.
        signs_requests: whether it has a signing secret, so that no other bot is asked for one.
        revision: a number that grows with every change of its configuration.
        worker_deaths: how often a worker was killed by a message of this bot that had killed one before.
        recent_worker_deaths: the deaths in a row, each soon after the one before.
        last_worker_death_at: the time of the last.
        only_turn_until: until when somebody has the only turn of a bot whose messages kill workers; None for nobody.
    """

    MACHINE = frozenset(
        {
            "revision",
            "signs_requests",
            "worker_deaths",
            "recent_worker_deaths",
            "last_worker_death_at",
            "only_turn_until",
        }
    )

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bots")
    name = models.CharField(max_length=100)
    telegram_bot = models.OneToOneField(TelegramBot, models.SET_NULL, null=True, blank=True, related_name="bot")
    kik_bot = models.OneToOneField(KikBot, models.SET_NULL, null=True, blank=True, related_name="bot")
    messenger_bot = models.OneToOneField(MessengerBot, models.SET_NULL, null=True, blank=True, related_name="bot")
    web_bot = models.OneToOneField(WebBot, models.SET_NULL, null=True, blank=True, related_name="bot")
    fallback_text = models.CharField(
        max_length=1000,
        blank=True,
        default="",
        help_text="Said where an answer fails, as it stands: no template, no formatting. Empty for nothing.",
    )
    separate_topics = models.BooleanField(
        default=False,
        help_text=(
            "In a group with topics, a person has a state of their own in each topic. Otherwise they have one in the "
            "whole group."
        ),
    )
    signs_requests = models.BooleanField(default=False, editable=False)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    worker_deaths = models.PositiveIntegerField(default=0, editable=False)
    recent_worker_deaths = models.PositiveIntegerField(default=0, editable=False)
    last_worker_death_at = models.DateTimeField(null=True, editable=False)
    only_turn_until = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[Any]] = BotQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the bot, and send `integration_changed` for each account that the bot had or has."""
        with _telling(Bot._base_manager.using(kwargs.get("using") or self._state.db).filter(pk=self.pk)):
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the bot; its conversations and messages are deleted first, in batches and without reading them."""
        delete_traffic([self.pk], kwargs.get("using") or self._state.db)
        return super().delete(*args, **kwargs)

    def recorded_bots(self, using: str) -> list[Any]:
        return [self.pk]

    def integration(self, slug: str) -> IntegrationBot | None:
        """Return the bot's account at one provider, None where it has none.

        Args:
            slug: the provider's slug.
        """
        row: IntegrationBot | None = getattr(self, f"{slug}_bot", None)
        return row

    def integrations(self) -> list[IntegrationBot]:
        """Return the bot's accounts, in the order of the registry."""
        return [row for slug in providers() if (row := self.integration(slug)) is not None]

    def definition(self) -> BotDefinition:
        """Return the whole configuration as the engine's value, in a fixed number of queries."""
        handlers = (
            self.handlers.in_order()
            .select_related("request", "response", "target_state")
            .prefetch_related("source_states", "request__url_parameters", "request__header_parameters")
        )
        return BotDefinition(
            id=str(self.pk),
            revision=self.revision,
            handlers=tuple(handler.definition() for handler in handlers),
            variables=tuple(variable.definition() for variable in self.env_vars.all()),
            signing_secrets=self._signing_secrets() if self.signs_requests else (),
        )

    def _signing_secrets(self) -> tuple[str, ...]:
        row: Any = SigningSecret.objects.filter(bot=self).first()
        return () if row is None else row.in_force()

    def handle_message(self, message: Inbound | dict[str, Any], bot_service: IntegrationBot) -> None:
        """Store a message as if it had come by the webhook; a worker answers it.

        Args:
            message: a normalized event, or the provider's own.
            bot_service: the account that the message is for.
        """
        from permabots.tasks import receive  # noqa: PLC0415 - documented method; models import no higher layer else

        receive(bot_service, message)

    def handle_hook(self, hook: Any, data: Any) -> None:
        """Store a notification as if it had been posted to the hook; workers deliver it.

        Args:
            hook: one of the bot's hooks.
            data: the JSON of the post.
        """
        from permabots.tasks import notify  # noqa: PLC0415 - documented method; models import no higher layer else

        notify(hook, data)


__all__ = ["Bot", "IntegrationBot", "KikBot", "MessengerBot", "TelegramBot", "WebhookSecret"]


@receiver(pre_delete, sender=Bot, dispatch_uid="permabots.bot.integrations")
def _release(instance: Bot, using: str, **_: Any) -> None:
    """Mark the accounts of a deleted bot as to be removed; a worker then removes their webhooks at the providers.

    The update locks the bot's row before its accounts are read: code that gives the bot an account locks it, too.
    """
    rows = Bot._base_manager.using(using).filter(pk=instance.pk)
    rows.update(revision=models.F("revision") + 1)
    for integration in [row for bot in rows for row in bot.integrations()]:
        type(integration)._default_manager.using(using).filter(pk=integration.pk).update(
            **IntegrationBot.RELEASED_VALUES
        )
        account_released.send(type(integration))
