"""A database engine for Django: its own PostgreSQL engine, with a limit to how long a webhook waits for the server.

A server that is frozen, or a machine that has gone from the network, keeps the connection open and never answers. No
time-out of PostgreSQL's helps, since the server would have to keep it: ``statement_timeout`` is the server's, and
``connect_timeout`` is for new connections only. So the waiting itself is limited here, within `limited` only: a report
or a migration may take as long as it takes.

It is in use where ``DATABASES`` says ``"ENGINE": "permabots.postgresql"``; other engines know no limit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

deadline: ContextVar[float | None] = ContextVar("permabots_database_deadline", default=None)
"""Until when this thread waits for the database, by `time.monotonic`; None for as long as it takes."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Wait for the database for so many seconds at most, all in all, in this block.

    What takes longer raises Django's ``OperationalError``, and its connection is closed. Whether the server carried the
    statement out is not known then.
    """
    token = deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        deadline.reset(token)
