"""Which messages came late: a provider's numbers say so, as long as it counts on.

Telegram chooses its next number by chance when a bot has had no update for a week. A conversation that has been silent
for so long has no number to compare with: its next message begins a new count. It is only told in the trace; the order
of answers is by number, whatever the count.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from permabots.models import InboundMessage

SILENCE = timedelta(days=7)


class Numbering(TypedDict):
    """What a conversation keeps of the messages that were answered."""

    last_provider_sequence: int
    last_received_at: datetime


def is_late(row: InboundMessage) -> bool:
    """Whether a message with a higher number of the same count was answered before this one.

    Args:
        row: with its conversation, as it is before this message is answered.
    """
    last = _last(row)
    if last is None or _began_anew(last["last_received_at"], row.received_at):
        return False
    return (
        _began_anew(row.received_at, last["last_received_at"]) or row.provider_sequence < last["last_provider_sequence"]
    )


def after(row: InboundMessage) -> Numbering:
    """Return what the conversation of a message keeps when it is answered."""
    last, this = _last(row), Numbering(last_provider_sequence=row.provider_sequence, last_received_at=row.received_at)
    if last is None or _began_anew(last["last_received_at"], this["last_received_at"]):
        return this
    if _began_anew(this["last_received_at"], last["last_received_at"]):
        return last
    return Numbering(
        last_provider_sequence=max(last["last_provider_sequence"], this["last_provider_sequence"]),
        last_received_at=max(last["last_received_at"], this["last_received_at"]),
    )


def _last(row: InboundMessage) -> Numbering | None:
    chat = row.conversation
    if chat.last_provider_sequence is None or chat.last_received_at is None:
        return None
    return Numbering(last_provider_sequence=chat.last_provider_sequence, last_received_at=chat.last_received_at)


def _began_anew(before: datetime, since: datetime) -> bool:
    return since - before > SILENCE
