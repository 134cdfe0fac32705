"""Keeping to a provider's rates: for an account and for a chat, by the database's clock, over all workers.

Each rate is a moment in a row: when everything sent so far is through at that rate. A message may leave while that
moment is less than a burst ahead (the generic cell rate algorithm); one UPDATE asks and books. What has to wait gets a
place of its own, so that a crowd does not ask again all at once. Answers go ahead of what hooks tell: a broadcast may
fill half of an account's burst and uses half of its rate.

A clock may be set back. What was booked by the clock as it was before would keep everybody waiting until it is there
again, so it counts no more: an account's is known by when it was booked, a chat's by being too far ahead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Model, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from permabots.models import Chat, Conversation, IntegrationBot, OutboundMessage
from permabots.models.chat import is_due
from permabots.pipeline.rate_steps import BURST, SET_BACK, SHARE, Step, account_step, chat_step

MIN_WAIT = 0.01
"""The shortest wait, in seconds: clocks of databases may be as coarse as a millisecond."""
_BEFORE_IT_WAS_SET_BACK = Q(rate_booked_at__gt=Now() + timedelta(seconds=SET_BACK))
"""Accounts whose last booking was made before the clock was set back."""


def reserve_send_slot(row: OutboundMessage, integration: IntegrationBot) -> float:
    """Book a message's place in its chat's and its account's rate.

    Args:
        row: the message, with its conversation; one that has its place already, or that nobody misses, asks nothing.
        integration: the account.

    Returns:
        Seconds to wait before it may leave; 0 for now. After that wait it is not asked again.
    """
    if row.slot_reserved or row.is_booked or row.payload.get("optional"):
        return 0.0
    rates = integration.provider.rates(row.conversation.chat_id)
    if not row.is_booked_in_chat and (wait := _chat(row.conversation, chat_step(rates))) > 0:
        return wait
    step = account_step(rates, broadcast=row.notification_id is not None)
    if step.seconds <= 0:
        return 0.0
    account = _row(integration)
    booked = _booked("rate_tat", step.seconds, beside="broadcast_tat")
    if account.filter(_through("rate_tat", step.tolerance) | _BEFORE_IT_WAS_SET_BACK).update(**booked):
        return 0.0
    # Full: it is booked all the same, and waits for its place.
    account.update(**booked)
    OutboundMessage.objects.filter(pk=row.pk).update(slot_reserved=True)
    return max(_ahead(account, "rate_tat") - step.seconds - step.tolerance, MIN_WAIT)


def _chat(conversation: Conversation, step: Step) -> float:
    """Book a place in a conversation's chat; seconds to wait where it is full or has to wait, and nothing is booked."""
    if step.seconds <= 0:
        return 0.0
    chat = Chat.objects.of(conversation)
    # Nothing is booked in a full chat: it is never further ahead than its burst.
    before_it_was_set_back = Q(rate_tat__gt=Now() + timedelta(seconds=step.tolerance + step.seconds + SET_BACK))
    free = chat.filter(is_due(), _through("rate_tat", step.tolerance) | before_it_was_set_back)
    booked = {"rate_tat": _later("rate_tat", step.seconds, before_it_was_set_back)}
    if free.update(**booked):
        return 0.0
    if not chat.exists():
        Chat.objects.add(conversation)
        if free.update(**booked):
            return 0.0
    return max(_ahead(chat, "rate_tat") - step.tolerance, _ahead(chat, "not_before"), MIN_WAIT)


def drain_burst(integration: IntegrationBot) -> None:
    """Take an account's burst away: its provider has just said that it sends too fast.

    Only where it does send fast: the complaint may be about one chat.
    """
    fast = _row(integration).exclude(_through("rate_tat", BURST / 2))
    fast.update(rate_tat=Now() + timedelta(seconds=BURST))


def reserve(integration: IntegrationBot, messages: int) -> float:
    """Book places for a batch of a broadcast.

    Args:
        integration: the account.
        messages: how many.

    Returns:
        Seconds until the first may leave; the others follow at `broadcast_rate`.
    """
    rate = broadcast_rate(integration)
    if rate <= 0:
        return 0.0
    account = _row(integration)
    account.update(**_booked("broadcast_tat", messages / rate, beside="rate_tat"))
    return max(_ahead(account, "broadcast_tat") - messages / rate, 0.0)


def broadcast_rate(integration: IntegrationBot) -> float:
    """Return how many messages of hooks an account may send in a second; 0 for as many as it can."""
    return integration.provider.rates("").account * SHARE


def _row(integration: IntegrationBot) -> QuerySet[Any]:
    return type(integration)._base_manager.filter(pk=integration.pk)


def _through(column: str, ahead: float) -> Q:
    """The condition that a rate's moment is at most so many seconds ahead."""
    return Q(**{column: None}) | Q(**{f"{column}__lte": Now() + timedelta(seconds=ahead)})


def _booked(column: str, seconds: float, *, beside: str) -> dict[str, Combinable]:
    """Return the columns of an account in whose rate a place is booked.

    Args:
        column: the rate's.
        seconds: how long the booked messages take at that rate.
        beside: the account's other rate, which counts no more either where the clock was set back: the one moment of
            the last booking is known of both.
    """
    other = Case(When(_BEFORE_IT_WAS_SET_BACK, then=None), default=F(beside), output_field=DateTimeField())
    # The moment comes last: MySQL has what it wrote already stand for what was there.
    return {column: _later(column, seconds, _BEFORE_IT_WAS_SET_BACK), beside: other, "rate_booked_at": Now()}


def _later(column: str, seconds: float, void: Q | None = None) -> Combinable:
    """Return a rate's moment, put off by so many seconds: counted from now where it has passed, or is ``void``."""
    since: Combinable = Greatest(Coalesce(F(column), Now()), Now())
    if void is not None:
        since = Case(When(void, then=Now()), default=since)
    return ExpressionWrapper(since + timedelta(seconds=seconds), output_field=DateTimeField())


def _ahead(rows: QuerySet[Model], column: str) -> float:
    """Return by how many seconds a rate's moment is ahead."""
    found = rows.annotate(now=Now()).values_list(column, "now").first()
    return 0.0 if found is None or found[0] is None else float((found[0] - found[1]).total_seconds())
