"""Trying again what was given up, because somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, InboundMessage, Notification, OutboundMessage

FAILED_STATUSES = ("parked", "skipped", "failed")
"""The statuses, of incoming and outgoing messages alike, in which something ended without success."""
BATCH = 1000
"""Rows that one statement puts back. Each is a transaction of its own: nobody waits for a hundred thousand."""

ConversationRef = tuple[int, str]
"""A conversation's id, and its provider."""


_UNANSWERED = ~Exists(OutboundMessage.objects.filter(inbound=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Retried:
    """What was put back.

    Args:
        messages: incoming messages that will be answered.
        calls: calls to providers that will be made.
        conversations: the conversations with something to do, to be woken; the sweep finds those that nobody wakes.
        notification: the id of a notification whose fan-out goes on, None for none.
    """

    messages: int
    calls: int
    conversations: tuple[ConversationRef, ...]
    notification: int | None = None


def retry(bot: Bot, message: InboundMessage) -> None:
    """Put a message that was given up back to be answered, or the calls of its answer that were given up.

    Each is one conditional update by status, so it does no harm beside a worker: what somebody claimed or finished in
    the meantime stays as it is. Wake the conversation afterwards.

    What it means for the order:

    - a message is answered before all that wait in its conversation and came after it, but after what was answered
      already: in the chat's present state, by the present configuration;
    - a call of an answer goes out before all other calls that wait in its conversation, even between two messages of
      a later answer, and behind the parts of its own answer that were sent;
    - nothing goes out before the time that the provider asked the chat to wait for is over.

    A message's turns are counted from zero. The attempts of a call are not: their number tells whose result counts,
    and shows what may have been sent twice. A call that used up its attempts gets one more each time. One that nobody
    misses (the answer to a pressed button) is never made again.

    Args:
        bot: whose message it is.
        message: which.

    Raises:
        NothingToRetry: says why there is nothing to do.
    """
    _check_account(bot, message)
    only = InboundMessage.objects.filter(pk=message.pk)
    if not _put_back_turns(only)[0] and not _put_back_calls(OutboundMessage.objects.filter(inbound=message))[0]:
        status = InboundMessage.objects.values_list("status", flat=True).get(pk=message.pk)
        raise NothingToRetry(f"There is nothing to retry: the message is {status}, and no call of its answer failed.")


def retry_all(bot: Bot, messages: QuerySet[InboundMessage]) -> Retried:
    """Do what `retry` does for many messages, those whose account is in use.

    Call it outside of a transaction: it works in batches, and each is there for the workers at once.

    Args:
        bot: whose messages they are.
        messages: which may be tried again.
    """
    served = in_use(bot, messages)
    turns, conversations = _put_back_turns(served)
    calls, others = _put_back_calls(_calls_of(served))
    return Retried(turns, calls, tuple(dict.fromkeys([*conversations, *others])))


def in_use(bot: Bot, messages: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
    """Return the messages whose account the bot has, enabled: no other can be answered."""
    return messages.filter(integration_id__in=[row.pk for row in bot.integrations() if row.enabled])


def count_retriable(bot: Bot, messages: QuerySet[InboundMessage]) -> Retried:
    """Return what `retry_all` would put back, without doing it."""
    served = in_use(bot, messages)
    return Retried(_failed_turns(served).count(), len(_failed_calls(_calls_of(served))), ())


def retry_delivery(bot: Bot, notification: Notification, provider: str | None = None) -> Retried:
    """Put the calls of a notification that were given up back, as `retry` does, through the accounts in use now.

    A notification that was given up itself, before each recipient had its call, goes on where it stopped.

    Args:
        bot: whose notification it is.
        notification: which.
        provider: the only provider whose calls are made again; the notification itself, which is for all, stays then.

    Raises:
        NothingToRetry: says why there is nothing to do.
    """
    begun = Notification.objects.filter(pk=notification.pk, status=Notification.Status.PARKED)
    failed = _calls_in_use(bot, notification, provider)
    again = 0 if provider else begun.update(status=Notification.Status.PENDING, attempts=0, error="")
    calls, conversations = _put_back_calls(failed)
    if not again and not calls:
        raise NothingToRetry("There is nothing to retry: no call of this delivery failed at an account in use.")
    return Retried(0, calls, conversations, notification.pk if again else None)


def count_retriable_delivery(bot: Bot, notification: Notification, provider: str | None = None) -> Retried:
    """Return what `retry_delivery` would put back, without doing it.

    Raises:
        NothingToRetry: says why there is nothing to do.
    """
    calls = len(_failed_calls(_calls_in_use(bot, notification, provider)))
    goes_on = provider is None and notification.status == Notification.Status.PARKED
    return Retried(0, calls, (), notification.pk if goes_on else None)


def _calls_in_use(bot: Bot, notification: Notification, provider: str | None) -> QuerySet[OutboundMessage]:
    slugs = [row.SLUG for row in bot.integrations() if row.enabled and provider in (None, row.SLUG)]
    if not slugs:
        raise NothingToRetry("The bot has no account that is enabled.")
    return OutboundMessage.objects.filter(notification=notification, conversation__provider__in=slugs)


def _calls_of(messages: QuerySet[InboundMessage]) -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.filter(inbound__in=messages.order_by().values("pk"))


def _check_account(bot: Bot, message: InboundMessage) -> None:
    integration = next((row for row in bot.integrations() if row.pk == message.integration_id), None)
    if integration is None:
        raise NothingToRetry("The integration that took this message was removed or replaced.")
    if not integration.enabled:
        raise NothingToRetry("The integration is disabled: enable it first.")


def _put_back_turns(messages: QuerySet[InboundMessage]) -> tuple[int, tuple[ConversationRef, ...]]:
    found = list(_failed_turns(messages).values_list("pk", "conversation_id", "provider"))
    values = {"status": InboundMessage.Status.PENDING, "attempts": 0, "error": "", "handled_at": None}
    return _put_back(InboundMessage.objects.filter(_UNANSWERED), found, values)


def _failed_turns(messages: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
    """Return the messages whose turn failed; one that has an answer has had its turn."""
    return messages.filter(_UNANSWERED, status__in=FAILED_STATUSES).order_by("pk")


def _put_back_calls(calls: QuerySet[OutboundMessage]) -> tuple[int, tuple[ConversationRef, ...]]:
    """Put failed calls back; their places in the provider's rate are used up."""
    values = {"status": OutboundMessage.Status.PENDING, "slot_reserved": False}
    return _put_back(OutboundMessage.objects.all(), _failed_calls(calls), values)


def _failed_calls(calls: QuerySet[OutboundMessage]) -> list[tuple[int, int, str]]:
    """Return id, conversation and provider of failed calls, but for optional ones, which nobody misses."""
    names = ("pk", "conversation_id", "conversation__provider", "payload__optional")
    failed = calls.filter(status__in=FAILED_STATUSES).order_by("pk").values_list(*names)
    return [(pk, conversation, provider) for pk, conversation, provider, optional in failed if not optional]


def _put_back(
    rows: QuerySet[Any], found: Sequence[tuple[int, int, str]], values: dict[str, Any]
) -> tuple[int, tuple[ConversationRef, ...]]:
    """Update rows batch by batch, where they are still given up; how many were, and their conversations."""
    done = 0
    for start in range(0, len(found), BATCH):
        batch = [pk for pk, _, _ in found[start : start + BATCH]]
        done += rows.filter(pk__in=batch, status__in=FAILED_STATUSES).update(**values)
    return done, tuple(dict.fromkeys((conversation, provider) for _, conversation, provider in found))
