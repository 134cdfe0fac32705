"""Trying again what was given up, because somebody asks for it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from permabots.exceptions import NothingToRetry
from permabots.models import Bot, InboundMessage, OutboundMessage

GIVEN_UP = ("parked", "skipped")
"""The statuses, of incoming and outgoing messages alike, in which something ended without success."""


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
    if not _retry_turn(message) and not _retry_calls(message):
        status = InboundMessage.objects.values_list("status", flat=True).get(pk=message.pk)
        raise NothingToRetry(f"There is nothing to retry: the message is {status}, and no call of its answer failed.")


def _check_account(bot: Bot, message: InboundMessage) -> None:
    integration = next((row for row in bot.integrations() if row.pk == message.integration_id), None)
    if integration is None:
        raise NothingToRetry("The integration that took this message was removed or replaced.")
    if not integration.enabled:
        raise NothingToRetry("The integration is disabled: enable it first.")


def _retry_turn(message: InboundMessage) -> bool:
    """Put the message back; one that has an answer has had its turn."""
    answer = OutboundMessage.objects.filter(inbound=OuterRef("pk"))
    unanswered = InboundMessage.objects.filter(~Exists(answer), pk=message.pk, status__in=GIVEN_UP)
    values = {"status": InboundMessage.Status.PENDING, "attempts": 0, "error": "", "handled_at": None}
    return bool(unanswered.update(**values))


def _retry_calls(message: InboundMessage) -> bool:
    """Put the failed calls of the answer back, all of them in one statement."""
    failed = OutboundMessage.objects.filter(inbound=message, status__in=GIVEN_UP)
    wanted = [row.pk for row in failed if not row.call().optional]
    return bool(failed.filter(pk__in=wanted).update(status=OutboundMessage.Status.PENDING))
