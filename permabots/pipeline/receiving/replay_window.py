"""Events that are too old to be answered: somebody may repeat a call that was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from permabots.providers.base.contract import Provider
from permabots.values import Inbound, Kind

TOO_OLD = "it is older than {}_REPLAY_WINDOW allows"


def checked(provider: Provider, event: Inbound) -> Inbound:
    """Return an event, as an ignored one where it is older than the provider's option ``replay_window`` allows.

    Args:
        provider: the event's.
        event: as its provider parsed it.
    """
    window = provider.number("replay_window", 0.0)
    if not window or event.kind == Kind.IGNORED or (sent := provider.sent_at(event)) is None:
        return event
    if (datetime.now(UTC) - sent).total_seconds() <= window:
        return event
    return replace(event, kind=Kind.IGNORED, text=None, reason=TOO_OLD.format(provider.slug.upper()))
