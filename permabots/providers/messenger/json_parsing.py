"""Reading ids and times in Facebook's forms."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from permabots.providers.base.json_parsing import as_int, as_str, fingerprint, from_unix
from permabots.values import Json

_MAX_ID_CHARS = 150
_MAX_MID_CHARS = 200
_SECOND = 1000


def identifier(value: Json) -> str:
    """Return the id of a person or a page as text; "" where the value is no id, or too long to be stored."""
    number = as_int(value)
    text = as_str(value) if number is None else str(number)
    return text if len(text) <= _MAX_ID_CHARS else ""


def sent_at(value: Json) -> datetime | None:
    """Return the date and time, aware and in UTC, of a Unix time in milliseconds; None for anything else."""
    number = as_int(value)
    if number is None:
        return None
    sent = from_unix(number // _SECOND)
    return sent and sent + timedelta(milliseconds=number % _SECOND)


def event_id(mid: Json, account: str, event: Json) -> str:
    """Return an id that is the same when an event is delivered again: its ``mid``, else a digest of the event.

    Receipts, referrals and the postbacks of early versions of the platform have no ``mid``.

    Args:
        mid: the event's own id, if any.
        account: the id of the page.
        event: the whole event.
    """
    own_id = as_str(mid)
    if own_id:
        return own_id if len(own_id) <= _MAX_MID_CHARS else fingerprint(own_id.encode())
    return fingerprint(json.dumps([account, event], sort_keys=True).encode())
