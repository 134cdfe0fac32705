"""Connecting bots to providers: in steps, since a provider has to be asked, and none of them inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from permabots import logs, metrics
from permabots.database import after_commit, atomic
from permabots.exceptions import IntegrationRefused, ProviderError
from permabots.models import Bot, BotEvent, Conversation, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.bot_event import record
from permabots.models.integration import account_released
from permabots.models.registry import model_of
from permabots.models.revision import raise_revision

logger = logs.get_logger(__name__)

Status = IntegrationBot.Status
REPLACED = "its integration was removed or replaced"


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
    table = model_of(slug)
    given = {**credentials, **{name: it for name, it in table.defaults_of(bot).items() if not credentials.get(name)}}
    row: IntegrationBot = table.objects.create(**given, enabled=enabled, status=Status.PENDING)
    kept = False
    try:
        person = row.client().identify()
        current = Bot.objects.get(pk=bot.pk).integration(slug)
        if current is not None and current.account == person.id:
            return change(current, given, enabled=enabled, webhook=webhook)
        _free(row, person.id)
        row.update_identity(person)
        if webhook:
            row.sync_webhook()
        _swap(bot, row)
        kept = True
    except ProviderError as error:
        raise IntegrationRefused(f"{row.provider.name} refused this account: {error}") from error
    except IntegrityError as error:
        raise IntegrationRefused(row.taken()) from error
    finally:
        if not kept:
            _take_back(row)
    return row


def _free(row: IntegrationBot, account: str) -> None:
    """Release another row of the same account that no bot has: it would keep the account from everybody."""
    if row._meta.get_field("account").unique:
        others: Any = type(row)._default_manager.exclude(pk=row.pk).filter(account=account)
        if others.filter(bot__isnull=True).exclude(status=Status.PENDING).update(**IntegrationBot.RELEASED_VALUES):
            account_released.send(type(row))


def _take_back(row: IntegrationBot) -> None:
    """Undo an attach that failed; a worker removes a webhook that was set already."""
    if row.webhook_url:
        row.write(**IntegrationBot.RELEASED_VALUES)
        account_released.send(type(row))
    else:
        row.delete()


def change(
    row: IntegrationBot, credentials: Mapping[str, str], *, enabled: bool, webhook: bool = True
) -> IntegrationBot:
    """Give a connected integration new credentials of the same account, enable or disable it.

    Args:
        row: the account.
        credentials: the columns that change.
        enabled: a disabled account gets no webhook.
        webhook: False leaves the webhook alone, for a bot that is polled.

    Raises:
        IntegrationRefused: these are another account's, or the provider refused them: the row stays as it was. Or it
            refused the webhook alone: then the credentials, which it took, are kept.
        ConfigurationError: no webhook domain is known.
    """
    before = {name: vars(row)[name] for name in (*credentials, "enabled")}  # an old secret need not be readable
    for name, value in {**credentials, **_left_empty(row, credentials), "enabled": enabled}.items():
        setattr(row, name, value)
    kept = False
    try:
        person = row.client().identify()
        if person.id != row.account and not row.RENAMES:
            raise IntegrationRefused("these credentials belong to another account")
        with atomic():
            row.save(update_fields=list(before))
            row.update_identity(person)
        kept = True
        if webhook:
            row.sync_webhook()
    except ProviderError as error:
        what = "the webhook alone, and all else is saved" if kept else "this account"
        raise IntegrationRefused(f"{row.provider.name} refused {what}: {error}") from error
    except IntegrityError as error:
        raise IntegrationRefused(row.taken()) from error
    finally:
        if not kept:
            for name, value in before.items():
                setattr(row, name, value)
    return row


def _left_empty(row: Any, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return values for the columns that are given as empty, and have one that is not."""
    if (bot := getattr(row, "bot", None)) is None:
        return {}
    return {name: it for name, it in row.defaults_of(bot).items() if name in credentials and not credentials[name]}


def _swap(bot: Bot, row: IntegrationBot) -> None:
    """Attach a connected row to its bot; the one that it replaces is let go.

    The bot is changed first: whoever attaches another account at the same time waits, and replaces this one.
    """
    with atomic():
        raise_revision([bot.pk])
        old = Bot.objects.get(pk=bot.pk).integration(row.SLUG)
        if old is not None:
            _release(bot, old)
        if not type(row)._default_manager.filter(pk=row.pk, status=Status.PENDING).update(status=Status.CONNECTED):
            raise IntegrationRefused("it took so long that what was begun has been taken back")
        row.status = Status.CONNECTED
        _set_bot_relation(bot, row, tied=True)


def _set_bot_relation(bot: Bot, row: Any, *, tied: bool) -> None:
    """Write whether a bot has this account, into whichever of the two tables has the column: a new provider's has."""
    name = f"{row.SLUG}_bot"
    setattr(bot, name, row if tied else None)
    if Bot._meta.get_field(name).concrete:
        bot.save(update_fields=[name])
    else:
        row.bot = bot if tied else None
        row.save(update_fields=["bot"])
    record([bot.pk], BotEvent.Action.CONNECTED if tied else BotEvent.Action.DISCONNECTED, row)


def detach(bot: Bot, slug: str) -> None:
    """Disconnect a bot from a provider: at once for the bot, at the provider as soon as a worker has asked it."""
    with atomic():
        raise_revision([bot.pk])
        row = Bot.objects.get(pk=bot.pk).integration(slug)
        if row is not None:
            _release(bot, row)


def request_removal(row: IntegrationBot) -> None:
    """Have a row that no bot has removed, with its webhook."""
    row.write(**IntegrationBot.RELEASED_VALUES, removal_due=None)
    account_released.send(type(row))


def _release(bot: Bot, row: IntegrationBot) -> None:
    """Take a row from its bot, mark it as being removed, and park its pending messages."""
    _set_bot_relation(bot, row, tied=False)
    row.write(**IntegrationBot.RELEASED_VALUES)
    conversations = Conversation.objects.filter(bot=bot, provider=row.SLUG).values("pk")
    pending = InboundMessage.objects.unfinished().filter(conversation__in=conversations)
    turns = pending.update(status=InboundMessage.Status.PARKED, error=REPLACED)
    unsent = OutboundMessage.objects.filter(conversation__in=conversations, status=OutboundMessage.Status.PENDING)
    sends = unsent.update(status=OutboundMessage.Status.PARKED, error=REPLACED)
    account_released.send(type(row))
    after_commit(metrics.turn_done, row.SLUG, "parked", turns)
    after_commit(metrics.send_done, row.SLUG, "parked", sends)


def integrations_of(names: list[str]) -> list[IntegrationBot]:
    """Return the connected integrations of the named bots, of all bots for an empty list.

    Args:
        names: a bot's id or name each.

    Raises:
        LookupError: no bot has that id or name.
    """
    return [row for bot in find_bots(names) for row in bot.integrations()]


def find_bots(names: list[str]) -> list[Bot]:
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
