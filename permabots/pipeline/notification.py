"""Notification hooks: data in, one message rendered, a row for each recipient, in batches under a lease of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from permabots import shutdown
from permabots.conf import get_config
from permabots.database import atomic
from permabots.engine.turn import Outcome
from permabots.exceptions import LeaseLost
from permabots.messages import Address, Answer, Json, Payload
from permabots.models import Conversation, Hook, Notification, OutboundMessage, Recipient
from permabots.models.registry import providers
from permabots.pipeline import broadcast
from permabots.pipeline.definitions import compiled

Status = Notification.Status


@dataclass(frozen=True, slots=True)
class Waking:
    """A conversation with something to deliver.

    Args:
        conversation_id: the row's id.
        provider: its provider.
        seconds: when its turn comes, from now.
    """

    conversation_id: int
    provider: str
    seconds: float


def store(hook: Hook, data: Json, idempotency_key: str | None = None) -> Notification:
    """Store what was posted to a hook, before it is answered.

    Returns:
        The row; the one that is there already when the caller's key was used before.
    """
    key = {"hook": hook, "idempotency_key": idempotency_key}
    row = Notification(bot_id=hook.bot_id, data=data, total=hook.recipients.count(), **key)
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Notification.objects.get(**key)
    return row


def fan_out(notification_id: int) -> Iterator[list[Waking]]:
    """Give each recipient its outgoing rows, no faster than their providers take them.

    Args:
        notification_id: the row's id; one that somebody works on, that is not due or that is finished is left alone.

    Yields:
        After each committed batch, the conversations to wake.
    """
    owner = uuid4()
    until = Now() + timedelta(seconds=get_config().lease)
    # Asked by itself: MySQL takes no UPDATE that looks at its own table. An earlier one cannot come up in between.
    if not Notification.objects.unfinished().filter(is_free(), pk=notification_id).exists():
        return
    free = Notification.objects.unfinished().filter(Q(owner=None) | Q(until__lt=Now()), pk=notification_id)
    if not free.count_attempt(owner=owner, until=until):
        return
    row = Notification.objects.select_related("bot", "hook__response").get(pk=notification_id)
    if row.hook is None:
        return
    outcome = compiled(row.bot).notify(row.hook.definition(), row.data)
    if (error := _refusal(row, outcome)) is not None:
        _finish(row, owner, Status.PARKED, error, outcome)
        return
    while batch := _batch(row):
        places = broadcast.places(row.bot, [recipient.provider for recipient in batch])
        conversations = _store_batch(row, owner, batch, outcome.answer)
        yield [Waking(talk.pk, talk.provider, wait) for talk, wait in zip(conversations, places, strict=True)]
        if max(places) > broadcast.HORIZON and _rest(row, owner, max(places) - broadcast.HORIZON / 2):
            return
        if shutdown.has_begun() and _rest(row, owner, 0.0):
            return
    _finish(row, owner, Status.DONE, "", outcome)


def is_free() -> Q:
    """Notifications that nobody works on and that are due, by the database's clock, the first of each hook."""
    before = Notification.objects.unfinished().filter(hook=OuterRef("hook"), pk__lt=OuterRef("pk"))
    return (Q(owner=None) | Q(until__lt=Now())) & (Q(due=None) | Q(due__lte=Now())) & ~Q(Exists(before))


def next_of(notification_id: int) -> tuple[int, float] | None:
    """Return which notification of the same hook goes on, and in how many seconds.

    A hook's notifications are told one after another, so that nobody hears the later one first.

    Args:
        notification_id: one that was just worked on.

    Returns:
        Its id and the wait; None where nothing is left, or somebody works on it.
    """
    hook = Notification.objects.filter(pk=notification_id).values("hook")
    rows = Notification.objects.unfinished().filter(hook__in=hook).annotate(now=Now()).order_by("pk")
    found = rows.values_list("pk", "owner", "due", "now").first()
    if found is None or found[1] is not None:
        return None
    return found[0], 0.0 if found[2] is None else max((found[2] - found[3]).total_seconds(), 0.0)


def _rest(row: Notification, owner: UUID, seconds: float) -> bool:
    """Let go until the rows that are stored have left; what was done so far was no failed attempt."""
    mine = Notification.objects.filter(pk=row.pk, owner=owner)
    return bool(mine.update(owner=None, until=None, attempts=0, due=Now() + timedelta(seconds=seconds)))


def _refusal(row: Notification, outcome: Outcome) -> str | None:
    if (error := outcome.trace.get("error")) is not None:
        return f"{error['where']}: {error['message']}"
    if row.attempts > get_config().turn_attempts:
        return f"begun {row.attempts} times without coming to an end"
    return None


def _batch(row: Notification) -> list[Recipient]:
    """Return the next recipients: as many as one transaction takes, and as leave within `broadcast.HORIZON`."""
    after = Q(pk__gt=row.cursor) if row.cursor else Q()
    rows = Recipient.objects.filter(after, hook=row.hook_id, provider__in=providers())
    found = list(rows.order_by("pk")[: get_config().fan_out_batch])
    return found[: broadcast.fitting(row.bot, [recipient.provider for recipient in found])]


def _finish(row: Notification, owner: UUID, status: Status, error: str, outcome: Outcome) -> None:
    mine = Notification.objects.filter(pk=row.pk, owner=owner)
    mine.update(status=status, error=error, trace=outcome.trace, owner=None, until=None, due=None)


def _store_batch(row: Notification, owner: UUID, batch: list[Recipient], answer: Answer) -> list[Conversation]:
    """Store one batch's rows and move the cursor past it, both or neither."""
    until = Now() + timedelta(seconds=get_config().lease)
    with atomic():
        mine = Notification.objects.filter(pk=row.pk, owner=owner)
        if not mine.update(until=until, cursor=batch[-1].pk):
            raise LeaseLost(f"notification {row.pk} was taken over")
        conversations = _conversations(row, batch)
        for recipient, conversation in zip(batch, conversations, strict=True):
            payloads = _payloads(recipient, conversation, answer)
            OutboundMessage.objects.store(payloads, conversation=conversation, notification=row, recipient=recipient)
    row.cursor = batch[-1].pk
    return conversations


def _payloads(recipient: Recipient, conversation: Conversation, answer: Answer) -> list[Payload]:
    address = Address(recipient.chat_id, conversation.user_id)
    return providers()[recipient.provider].render(answer, address)


def _conversations(row: Notification, batch: list[Recipient]) -> list[Conversation]:
    """Return each recipient's conversation: where its lease lives and its order is kept."""
    return [
        Conversation.objects.get_or_create(
            bot_id=row.bot_id,
            provider=recipient.provider,
            chat_id=recipient.chat_id,
            user_id=recipient.user_id or providers()[recipient.provider].person_of(recipient.chat_id),
        )[0]
        for recipient in batch
    ]
