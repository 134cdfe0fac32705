"""Connecting bots to providers: in steps, since a provider has to be asked, and none of them inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from permabots import logs, metrics
from permabots.exceptions import CredentialsRefused, IntegrationRefused, ProviderError
from permabots.models import Bot, Conversation, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.registry import providers

logger = logs.get_logger(__name__)

Status = IntegrationBot.Status
LEFT_BEHIND = timedelta(minutes=10)
"""After so long, a row that is still being connected has lost its process."""
REPLACED = "its integration was removed or replaced"


def model_of(slug: str) -> Any:
    """Return the table of a provider's credentials."""
    return apps.get_model(providers()[slug].model)


def attach(
    bot: Bot, slug: str, credentials: Mapping[str, str], *, enabled: bool = True, webhook: bool = True
) -> IntegrationBot:
    """Connect a bot to a provider; another account it had there is replaced, and loses its webhook.

    The row is saved as pending and committed; the provider is asked who it is and given the webhook; then the row is
    attached, or taken back when the provider refused. Credentials of the account that the bot has already are changed
    in place.

    Args:
        bot: the bot.
        slug: the provider.
        credentials: the columns of its table that the user fills in.
        enabled: a disabled account gets no webhook.
        webhook: False leaves the webhook alone, for a bot that is polled.

    Raises:
        IntegrationRefused: the provider refused the account, or it serves another bot; nothing is left behind.
        ConfigurationError: no webhook domain is known.
    """
    row: IntegrationBot = model_of(slug).objects.create(**credentials, enabled=enabled, status=Status.PENDING)
    kept = False
    try:
        person = row.client().identify()
        current = Bot.objects.get(pk=bot.pk).integration(slug)
        if current is not None and current.account == person.id:
            return change(current, credentials, enabled=enabled)
        row.learn(person)
        if webhook:
            row.point_webhook()
        old = _swap(bot, row)
        kept = True
    except ProviderError as error:
        raise IntegrationRefused(f"{row.provider.name} refused this account: {error}") from error
    except IntegrityError as error:
        raise IntegrationRefused(f"this {row.provider.name} account serves a bot already") from error
    finally:
        if not kept:
            remove(row)
    if old is not None:
        remove(old)
    return row


def change(row: IntegrationBot, credentials: Mapping[str, str], *, enabled: bool) -> IntegrationBot:
    """Give a connected integration new credentials of the same account, enable or disable it.

    Raises:
        IntegrationRefused: the provider refused, or these are another account's; the row stays as it was.
        ConfigurationError: no webhook domain is known.
    """
    before = {name: getattr(row, name) for name in (*credentials, "enabled")}
    for name, value in {**credentials, "enabled": enabled}.items():
        setattr(row, name, value)
    kept = False
    try:
        person = row.client().identify()
        if person.id != row.account:
            raise IntegrationRefused("these credentials belong to another account")
        row.save(update_fields=list(before))
        kept = True
        row.learn(person)
        row.point_webhook()
    except ProviderError as error:
        raise IntegrationRefused(f"{row.provider.name} refused this account: {error}") from error
    finally:
        if not kept:
            for name, value in before.items():
                setattr(row, name, value)
    return row


def _swap(bot: Bot, row: IntegrationBot) -> IntegrationBot | None:
    """Attach a connected row to its bot; return the one it replaces, let go."""
    with transaction.atomic():
        old = Bot.objects.get(pk=bot.pk).integration(row.SLUG)
        if old is not None:
            _let_go(bot, old)
        if not row.write(status=Status.CONNECTED):
            raise IntegrationRefused("it took so long that what was begun has been taken back")
        _tie(bot, row, tied=True)
    return old


def _tie(bot: Bot, row: Any, *, tied: bool) -> None:
    """Write whether a bot has this account, into whichever of the two tables has the column: a new provider's has."""
    name = f"{row.SLUG}_bot"
    setattr(bot, name, row if tied else None)
    if Bot._meta.get_field(name).concrete:
        bot.save(update_fields=[name])
    else:
        row.bot = bot if tied else None
        row.save(update_fields=["bot"])


def detach(bot: Bot, slug: str) -> None:
    """Disconnect a bot from a provider: at once for the bot, at the provider as soon as it answers.

    A failure at the provider is kept in the row, and tried again by the sweep.
    """
    with transaction.atomic():
        row = Bot.objects.get(pk=bot.pk).integration(slug)
        if row is None:
            return
        _let_go(bot, row)
    remove(row)


def delete_bot(bot: Bot) -> None:
    """Delete a bot with all that is its own, then its webhooks: what a provider does not take is tried by the sweep.

    Call it outside of a transaction.
    """
    rows = bot.integrations()
    bot.delete()
    for row in rows:
        row.refresh_from_db()
        remove(row)


def _let_go(bot: Bot, row: IntegrationBot) -> None:
    """Take a row from its bot, mark it as being removed and park what is pending under it."""
    _tie(bot, row, tied=False)
    row.write(**IntegrationBot.LET_GO)
    conversations = Conversation.objects.filter(bot=bot, provider=row.SLUG).values("pk")
    pending = InboundMessage.objects.unfinished().filter(conversation__in=conversations)
    turns = pending.update(status=InboundMessage.Status.PARKED, error=REPLACED)
    unsent = OutboundMessage.objects.filter(conversation__in=conversations, status=OutboundMessage.Status.PENDING)
    sends = unsent.update(status=OutboundMessage.Status.PARKED, error=REPLACED)
    transaction.on_commit(partial(metrics.turn_done, row.SLUG, "parked", turns), robust=True)
    transaction.on_commit(partial(metrics.send_done, row.SLUG, "parked", sends), robust=True)


def remove(row: IntegrationBot) -> bool:
    """Remove the webhook of a row that is not in use, and the row; False when the provider did not answer.

    A webhook that points elsewhere by now belongs to somebody else and stays.
    """
    if row.webhook_url:
        try:
            client = row.client()
            if client.webhook_info().url in {row.webhook_url, None}:
                client.remove_webhook()
        except CredentialsRefused as error:
            # Nothing can be asked with them any more, so there is nothing left to try.
            logger.warning("webhook of %s not removed: %s", row, error)
        except ProviderError as error:
            row.note_error(error)
            row.write(**IntegrationBot.LET_GO)
            logger.warning("webhook of %s not removed yet: %s", row, error)
            return False
    row.delete()
    return True


def _unused() -> Q:
    """Rows that were let go, and those of an `attach` that never came to its end. One that a bot has is neither."""
    return Q(status=Status.REMOVING) | Q(status=Status.PENDING, updated_at__lt=Now() - LEFT_BEHIND)


def finish_removals(limit: int = 20) -> int:
    """Try again what `remove` could not do, and take back what a dead process left half connected.

    Returns:
        How many rows are gone now.
    """
    rows = [
        row
        for slug in providers()
        for row in model_of(slug).objects.filter(_unused(), bot__isnull=True).order_by("updated_at")[:limit]
    ]
    return sum(remove(row) for row in rows)


def chosen(names: list[str]) -> list[IntegrationBot]:
    """Return the connected integrations of the named bots, of all bots for an empty list.

    Args:
        names: a bot's id or name each.

    Raises:
        LookupError: no bot has that id or name.
    """
    return [row for bot in named(names) for row in bot.integrations()]


def named(names: list[str]) -> list[Bot]:
    """Return the named bots, all bots for an empty list.

    Args:
        names: a bot's id or name each.

    Raises:
        LookupError: no bot has that id or name.
    """
    return [_bot(name) for name in names] if names else list(Bot.objects.all())


def _bot(name: str) -> Bot:
    try:
        query = Q(name=name) | Q(pk=UUID(name))
    except ValueError:
        query = Q(name=name)
    if (bot := Bot.objects.filter(query).first()) is None:
        raise LookupError(f"no bot has the id or name {name!r}")
    return bot
