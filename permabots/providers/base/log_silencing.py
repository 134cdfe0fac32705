"""Keeping tokens out of logs: libraries log URLs and arguments, and a messenger's token is part of those."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_silent: ContextVar[bool] = ContextVar("permabots_silent", default=False)


class _Discretion(logging.Filter):
    """Lets a record through unless it is written, in this thread, while a call of ours is under way."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _silent.get()


_DISCRETION = _Discretion()


def silence(*names: str) -> None:
    """Have these loggers write nothing while a call of ours is under way. What others make them write stays.

    Args:
        names: loggers, each by its own name: a logger's filter does not see what its children write.
    """
    for name in names:
        logging.getLogger(name).addFilter(_DISCRETION)


@contextmanager
def silently() -> Iterator[None]:
    """Mark what runs inside as a call of ours, for the loggers given to `silence`."""
    marker = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(marker)
