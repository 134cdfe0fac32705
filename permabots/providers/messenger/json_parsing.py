"""Ids and times, as Facebook writes them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from permabots.providers.base.json_parsing import as_int, as_str, fingerprint, from_unix
from permabots.values import Json

_LONGEST_ID = 150
_LONGEST_MID = 200
_SECOND = 1000


def identifier(value: Json) -> str:
    """Return the id of a person or a page as text; "" where it is none, or longer than any id that can be stored."""
    number = as_int(value)
    found = as_str(value) if number is None else str(number)
    return found if len(found) <= _LONGEST_ID else ""


def sent_at(value: Json) -> datetime | None:
    """Return the moment, aware and in UTC, of a Unix time in milliseconds; None for anything else."""
    number = as_int(value)
    if number is None:
        return None
    sent = from_unix(number // _SECOND)
    return sent and sent + timedelta(milliseconds=number % _SECOND)


def event_id(mid: Json, account: str, event: Json) -> str:
    """Return what an event is known by when it comes again: its ``mid``, else what is in it.

    Receipts, referrals and the postbacks of early versions of the platform have no ``mid``.

    Args:
        mid: the event's own id, if any.
        account: the page.
        event: all of it.
    """
    known = as_str(mid)
    if known:
        return known if len(known) <= _LONGEST_MID else fingerprint(known.encode())
    return fingerprint(json.dumps([account, event], sort_keys=True).encode())
