"""No wake-up in vain: a conversation that has one on its way needs no second one.

What is unfinished in a conversation stands for its wake-up: whoever finishes it looks once more afterwards, and finds
what was stored before that. So a message whose conversation has something unfinished wakes nobody. It asks once it is
committed itself: what was unfinished then is finished later, and the look comes later still. Of two messages that are
committed at once, the one with the lower id wakes.

A wake-up may be lost, so this holds for `SECONDS` at most: the first message of each such span of time wakes in any
case. A sweep finds the others, as ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import Error
from django.db.models import Exists, OuterRef

from permabots import logs
from permabots.database import connection
from permabots.models import Conversation, InboundMessage, OutboundMessage
from permabots.pipeline.postgresql import execution, inbox

logger = logs.get_logger(__name__)

SECONDS = 2.0
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def is_on_its_way(row: InboundMessage) -> bool:
    """Whether a conversation has a wake-up on its way that will find a message. Ask it once the message is committed.

    Args:
        row: the message; one that is not stored was stored before, and its provider has brought it once more.

    Returns:
        False also where the database does not say: the message is stored, and one wake-up too many does no harm.
    """
    if row._state.adding or connection().in_atomic_block:
        return False
    try:
        return _is_on_its_way(row, _beginning_of_span(row.received_at))
    except Error as error:
        logger.warning("message %s is stored, and wakes in any case: %s", row.pk, type(error).__name__)
        return False


def _is_on_its_way(row: InboundMessage, since: datetime) -> bool:
    if execution.is_used():
        return inbox.is_woken(row, since)
    here = {"conversation": OuterRef("pk")}
    earlier = InboundMessage.objects.unfinished().filter(**here, pk__lt=row.pk, received_at__gte=since)
    sending = OutboundMessage.objects.filter(**here, status=OutboundMessage.Status.STARTED, created_at__gte=since)
    return Conversation.objects.filter(Exists(earlier) | Exists(sending), pk=row.conversation_id).exists()


def _beginning_of_span(moment: datetime) -> datetime:
    """Return when the span of time began that a moment is in."""
    beginning = _BEGINNING if moment.tzinfo else _BEGINNING.replace(tzinfo=None)
    return moment - (moment - beginning) % timedelta(seconds=SECONDS)
