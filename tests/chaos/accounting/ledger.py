"""The account of rows alone: what a database says of the messages of the last while. Needs Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from permabots.models import Bot, Chat, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.hooks.hook_order import claimable
from tests.chaos.accounting.report import SHOWN, row

_LATE = "late"
"""The key of a trace that says that a later message had been answered before."""


@dataclass(slots=True)
class Ledger:
    """What became of the messages of some bots.

    Args:
        accepted: by status, the messages that came in.
        answers: by status, the calls that their answers are made of.
        posts: by status, what was posted to hooks.
        news: by status, the calls that tell it.
        overdue: messages, answers and posts that nobody has finished although nothing keeps them waiting, as texts.
        held: how many wait because their provider or a failed try said so.
        disordered: messages that were answered after a later one although they were there, and answers that were sent
            after those of a later message, as texts.
        late: how many messages were answered after later ones because they came later.
        doubles: answers that may have been sent twice: each row with more than one attempt, as (id, attempts, status).
    """

    accepted: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    posts: Counter[str] = field(default_factory=Counter)
    news: Counter[str] = field(default_factory=Counter)
    overdue: list[str] = field(default_factory=list)
    held: int = 0
    disordered: list[str] = field(default_factory=list)
    late: int = 0
    doubles: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is overdue and nothing out of order."""
        return not self.overdue and not self.disordered


def ledger_lines(ledger: Ledger) -> Iterable[str]:
    """Return the ledger as lines of text: a table, and examples."""
    tables = {
        "messages accepted": ledger.accepted,
        "answers stored": ledger.answers,
        "posts to hooks accepted": ledger.posts,
        "calls that tell them": ledger.news,
    }
    for title, counts in tables.items():
        yield row(title, counts.total())
        for status, count in counts.most_common():
            yield row(f"  {status}", count)
    yield row("waiting because they were told to", ledger.held)
    yield row("answered late because they came late", ledger.late)
    yield row("answers claimed more than once: may have been sent twice", len(ledger.doubles))
    for pk, attempts, status in ledger.doubles[:SHOWN]:
        yield f"  answer {pk}: {attempts} attempts, {status}"
    yield row("overdue", len(ledger.overdue))
    yield row("out of order", len(ledger.disordered))
    for example in [*ledger.overdue[:SHOWN], *ledger.disordered[:SHOWN]]:
        yield f"  {example}"


def read_ledger(bots: list[Bot], since: timedelta, grace: timedelta) -> Ledger:
    """Read the rows of some bots.

    Args:
        bots: whose.
        since: how far back messages are looked at, by when they came in.
        grace: for how long a message may be unfinished without being overdue.
    """
    now = timezone.now()
    inbound = InboundMessage.objects.filter(conversation__bot__in=bots, received_at__gte=now - since)
    answers = OutboundMessage.objects.filter(inbound__in=inbound)
    posts = Notification.objects.filter(bot__in=bots, created_at__gte=now - since)
    news = OutboundMessage.objects.filter(notification__in=posts)
    ledger = Ledger(
        accepted=Counter(inbound.order_by().values_list("status", flat=True)),
        answers=Counter(answers.order_by().values_list("status", flat=True)),
        posts=Counter(posts.order_by().values_list("status", flat=True)),
        news=Counter(news.order_by().values_list("status", flat=True)),
    )
    _find_overdue(ledger, inbound, answers | news, now, grace)
    _find_overdue_posts(ledger, posts, now - grace)
    _check_turns(ledger, inbound)
    _check_sends(ledger, answers)
    again = news.filter(attempts__gt=1).order_by("pk")
    ledger.doubles += again.values_list("pk", "attempts", "status")
    return ledger


def _find_overdue(
    ledger: Ledger,
    inbound: QuerySet[InboundMessage],
    answers: QuerySet[OutboundMessage],
    now: datetime,
    grace: timedelta,
) -> None:
    told = Chat.objects.filter(
        bot=OuterRef("conversation__bot"),
        provider=OuterRef("conversation__provider"),
        chat_id=OuterRef("conversation__chat_id"),
        not_before__gt=now,
    )
    waiting = Q(conversation__not_before__gt=now) | Q(Exists(told))
    messages = InboundMessage.objects.unfinished().filter(pk__in=inbound.values("pk"))
    calls = OutboundMessage.objects.unfinished().filter(pk__in=answers.values("pk"))
    ledger.held = messages.filter(waiting).count() + calls.filter(waiting).count()
    old_messages = messages.exclude(waiting).filter(received_at__lt=now - grace).values_list("pk", "received_at")
    old_calls = calls.exclude(waiting).filter(created_at__lt=now - grace).values_list("pk", "created_at")
    ledger.overdue += [f"message {pk}, there since {at:%H:%M:%S}" for pk, at in old_messages]
    ledger.overdue += [f"answer {pk}, there since {at:%H:%M:%S}" for pk, at in old_calls]


def _find_overdue_posts(ledger: Ledger, posts: QuerySet[Notification], before: datetime) -> None:
    """A post that waits behind another of its hook, or for its rate, or that somebody works on, is not overdue."""
    left = Notification.objects.unfinished().filter(claimable(), pk__in=posts.values("pk"), created_at__lt=before)
    rows = left.values_list("pk", "created_at")
    ledger.overdue += [f"notification {pk}, there since {at:%H:%M:%S}" for pk, at in rows]


def _check_turns(ledger: Ledger, inbound: QuerySet[InboundMessage]) -> None:
    """A message is finished before those that come after it in the provider's order, unless it came late."""
    last: dict[int, datetime] = {}
    done = inbound.filter(status=InboundMessage.Status.DONE, handled_at__isnull=False).order_by(
        "-provider_sequence", "-id"
    )
    columns = ("pk", "conversation_id", "handled_at", f"trace__{_LATE}")
    for pk, conversation, handled, late in done.values_list(*columns).iterator():
        following = last.get(conversation, handled)
        if handled > following and late:
            ledger.late += 1
        elif handled > following:
            ledger.disordered.append(f"message {pk} was answered after a later one")
        last[conversation] = min(handled, following)


def _check_sends(ledger: Ledger, answers: QuerySet[OutboundMessage]) -> None:
    """Answers leave in the order of their turns, part by part.

    One with several attempts may have been given up and tried again later: it may come after those that follow it.
    """
    last: dict[int, datetime] = {}
    ordered = answers.order_by("inbound__handled_at", "inbound_id", "part")
    columns = ("pk", "conversation_id", "attempts", "status", "sent_at")
    for pk, conversation, attempts, status, sent in ordered.values_list(*columns).iterator():
        if attempts > 1:
            ledger.doubles.append((pk, attempts, status))
        elif sent is not None:
            before = last.get(conversation, sent)
            if sent < before:
                ledger.disordered.append(f"answer {pk} was sent before one that it follows")
            last[conversation] = max(sent, before)
