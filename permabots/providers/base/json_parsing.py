"""Reading JSON of providers: strict about the syntax, tolerant about missing and unexpected values."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime

from permabots import strict_json
from permabots.exceptions import MalformedWebhook
from permabots.values import Json, storable

_LARGEST = 2**63 - 1
_LATEST = int(datetime.max.replace(tzinfo=UTC).timestamp()) - 1


def json_object(body: bytes) -> dict[str, Json]:
    """Return the JSON object of a webhook's body, with every character that a database refuses replaced.

    Values that Python's parser accepts beyond JSON (``NaN``, ``Infinity``, numbers that become infinite) are refused:
    PostgreSQL does not store them.

    Args:
        body: the body of the call.

    Raises:
        MalformedWebhook: the body is not JSON, or not an object.
    """
    try:
        value = storable(strict_json.loads(body))
    except ValueError as error:
        raise MalformedWebhook("the body is not JSON") from error
    except RecursionError as error:
        raise MalformedWebhook("the body is nested too deep") from error
    if not isinstance(value, dict):
        raise MalformedWebhook("the body is not a JSON object")
    return value


def as_int(value: Json) -> int | None:
    """Return a whole number that fits 64 bits; None for anything else, ``true`` and ``1.0`` included."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    return None


def as_dict(value: Json) -> dict[str, Json]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_str(value: Json) -> str:
    """Return a JSON string; "" for anything else."""
    return value if isinstance(value, str) else ""


def from_unix(value: Json) -> datetime | None:
    """Return the date and time, aware and in UTC, of a Unix time in seconds; None for anything else."""
    seconds = as_int(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 <= seconds <= _LATEST else None


def as_seconds(value: Json) -> float | None:
    """Return how many seconds a JSON number, or the text of a header, says to wait; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def fingerprint(body: bytes) -> str:
    """Return an id for an event without one of its own: the same bytes give the same id."""
    return "sha256:" + hashlib.sha256(body).hexdigest()
