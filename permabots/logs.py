"""Fields of log records that name the message, conversation and bot of a line, from the webhook to the send.

Every record that permabots writes inside of a `bind` block has the block's fields as attributes, which any formatter
can print. A field is an id, never a text that a person wrote and never a secret.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

PREFIX = "permabots_"
NAMES = ("correlation", "provider", "bot", "conversation", "inbound", "outbound", "notification")
FIELDS = tuple(PREFIX + name for name in NAMES)
"""The attributes of a record; "" where one does not apply."""

HIDDEN = "…"
"""What stands in place of a key."""

_bound: ContextVar[Mapping[str, str | int]] = ContextVar("permabots_log_fields")
_NOTHING: Mapping[str, str | int] = {}


@contextmanager
def bind(**fields: str | int | UUID | None) -> Iterator[None]:
    """Put fields on each record of this block, beside the fields of the blocks around it.

    Args:
        fields: ids by their `NAMES`; None for a field that does not apply.
    """
    values = {name: value if isinstance(value, int) else str(value) for name, value in fields.items() if value}
    token = _bound.set({**_bound.get(_NOTHING), **values})
    try:
        yield
    finally:
        _bound.reset(token)


def correlation(integration_id: UUID, external_id: str) -> str:
    """Return the correlation id of an incoming message: in logs, in traces, and as ``Idempotency-Key`` of its requests.

    Args:
        integration_id: the account's row.
        external_id: the provider's id of the event.
    """
    return f"permabots-{integration_id}-{external_id}"


class Fields(logging.Filter):
    """Lets every record pass, and puts `FIELDS` on it.

    The loggers of permabots have this filter. A log handler may have it, too: then the records of other libraries that
    are written inside of a `bind` block get the fields as well.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        bound = _bound.get(_NOTHING)
        for name, field in zip(NAMES, FIELDS, strict=True):
            if not hasattr(record, field):
                setattr(record, field, bound.get(name, ""))
        return True


_FIELDS = Fields()


def get_logger(name: str) -> logging.Logger:
    """Return a logger whose records have the fields of `bind`."""
    logger = logging.getLogger(name)
    logger.addFilter(_FIELDS)
    return logger


class WithoutHookKeys(logging.Filter):
    """Lets every record pass, and hides the key of a hook in the addresses that Django logs with a refused call.

    Whoever knows the key of a hook knows a part of what it takes to post to it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        found = getattr(getattr(record, "request", None), "resolver_match", None)
        key = found.kwargs.get("key") if found is not None and found.app_names[-1:] == ["permabots"] else None
        if key and isinstance(record.args, tuple):
            record.args = tuple(it.replace(key, HIDDEN) if isinstance(it, str) else it for it in record.args)
        return True


def hide_hook_keys() -> None:
    """Have Django's log of refused calls hide the keys of hooks."""
    logging.getLogger("django.request").addFilter(_WITHOUT_HOOK_KEYS)


_WITHOUT_HOOK_KEYS = WithoutHookKeys()


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record: ``time``, ``level``, ``logger``, ``message``, the fields that apply.

    With an exception, its traceback is ``exception``.
    """

    def format(self, record: logging.LogRecord) -> str:
        _FIELDS.filter(record)
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        values |= {field: value for field in FIELDS if (value := getattr(record, field))}
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)
        return json.dumps(values, default=str)
