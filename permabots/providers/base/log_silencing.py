"""Keeping tokens out of logs: libraries log URLs and arguments, and these hold a messenger's token."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_silent: ContextVar[bool] = ContextVar("permabots_silent", default=False)


class _SilenceFilter(logging.Filter):
    """Drops the records that this thread writes inside of `silently`."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _silent.get()


_SILENCE_FILTER = _SilenceFilter()


def silence(*names: str) -> None:
    """Have loggers write nothing inside of `silently`. Records of other code stay.

    Args:
        names: the loggers, each by its own name: a logger's filter does not see the records of its children.
    """
    for name in names:
        logging.getLogger(name).addFilter(_SILENCE_FILTER)


@contextmanager
def silently() -> Iterator[None]:
    """Drop the records of the loggers given to `silence` in this block."""
    marker = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(marker)
