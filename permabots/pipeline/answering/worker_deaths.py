"""Messages that kill their worker: counted on their bot, which then has one turn at once.

A message is begun again after its worker died, and parked after ``TURN_ATTEMPTS``; so is a notification, and an
outgoing message after ``SEND_ATTEMPTS``. The first death of a message proves nothing: workers are killed from outside
too, and take what they have in hand with them. A message whose worker died once more is counted on its bot. Several
such deaths in a short time, and the bot has one turn, one delivery or one batch of recipients at once in all workers: a
healthy one hardly notices, and a message that kills its worker keeps the turn until its time is over, so that its bot
kills one worker in that time and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from permabots import logs
from permabots.conf import get_config
from permabots.exceptions import Busy
from permabots.models import Bot, InboundMessage
from permabots.models.conversation import QueueQuerySet

logger = logs.get_logger(__name__)

WINDOW = timedelta(minutes=5)
"""For how long after its last death a bot has one turn at once."""
BURST = timedelta(seconds=20)
"""How soon the next counted death follows in a row. Messages that kill do so one after another; where workers are
killed from outside all the time, one is hit twice now and then."""
PAUSE = 1.0
"""Seconds after which a turn that had to wait for another one is begun again."""
_KILLED = "its worker was killed"


def note(row: InboundMessage, pending: QueueQuerySet[InboundMessage]) -> None:
    """Count a turn that was begun before and of which nobody wrote down how it ended: its worker died, or was too late.

    Args:
        row: a message, with the attempts before this one.
        pending: its row while it is ours and not finished.
    """
    given_back = row.conversation.lease_token is None  # it is the holder's before this one where PostgreSQL tells it
    if not row.attempts or given_back or row.error not in {"", *(_words(number) for number in range(1, row.attempts))}:
        return
    row.error = _words(row.attempts)
    if pending.update(error=row.error) and row.attempts > 1:
        record(row.conversation.bot)


def record(bot: Bot) -> None:
    """Count a death on a bot."""
    known = Q(recent_worker_deaths__gte=get_config().worker_deaths or 1, last_worker_death_at__gt=Now() - WINDOW)
    in_a_row = Q(last_worker_death_at__gt=Now() - BURST)
    recent = Case(When(known | in_a_row, then=F("recent_worker_deaths") + 1), default=Value(1))
    # Not by the queryset that tells the accounts: nothing of theirs changes.
    Bot._base_manager.filter(pk=bot.pk).update(
        worker_deaths=F("worker_deaths") + 1, recent_worker_deaths=recent, last_worker_death_at=Now()
    )
    logger.warning("workers were killed again and again by one message of bot %s", bot.pk)


def is_of_death(error: str) -> bool:
    """Return whether the error of a message says no more than that its worker was killed."""
    return error.startswith(_KILLED)


def is_suspected(bot: Bot) -> bool:
    """Return whether a bot's messages killed several workers lately."""
    last, enough = bot.last_worker_death_at, get_config().worker_deaths
    return 0 < enough <= bot.recent_worker_deaths and last is not None and timezone.now() - last < WINDOW


@contextmanager
def one_at_a_time(bot: Bot) -> Iterator[None]:
    """Have a suspected bot's only turn; for other bots nothing happens.

    Raises:
        Busy: another worker has it.
    """
    if not is_suspected(bot):
        yield
        return
    rows, until = Bot._base_manager.filter(pk=bot.pk), Now() + timedelta(seconds=get_config().lease)
    # One that lies further ahead than any can was set before the clock was set back.
    free = Q(only_turn_until=None) | Q(only_turn_until__lt=Now()) | Q(only_turn_until__gt=until)
    if not rows.filter(free).update(only_turn_until=until):
        raise Busy(PAUSE)
    try:
        yield
    finally:
        rows.update(only_turn_until=None)


def _words(number: int) -> str:
    return f"{_KILLED} ({number})"
