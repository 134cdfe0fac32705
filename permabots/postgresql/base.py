"""The engine itself. psycopg hands every wait to a generator of its own: here one stands around it, with a clock."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base

from permabots.cooldown import Pause
from permabots.postgresql import deadline

Returned = TypeVar("Returned")
INTERVAL = 0.1
"""Seconds after which psycopg looks at the clock while nothing comes from the server."""
PAUSE = Pause(1.0)
"""After a server has not answered in time, webhooks do not wait for it again at once."""


class TooSlow(psycopg.OperationalError):
    """The server did not answer before the deadline."""


def until_deadline(waiting: Generator[Any, Any, Returned]) -> Generator[Any, Any, Returned]:
    """Drive one of psycopg's generators until it is done or the deadline of this thread has passed.

    Args:
        waiting: yields what it waits for, and is sent what is ready: 0 for nothing yet.

    Raises:
        TooSlow: the server was.
    """
    end = deadline.get()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if not ready and end is not None and time.monotonic() > end:
                PAUSE.failed()
                raise TooSlow("the database did not answer in time")
            wanted = waiting.send(ready)
    except StopIteration as done:
        returned: Returned = done.value
        return returned


class Connection(psycopg.Connection[Any]):
    """A connection whose server must answer before the deadline; one that did not is of no use any more."""

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait for the server, as psycopg does."""
        if deadline.get() is None:
            return super().wait(gen, *args, **options)
        try:
            return super().wait(until_deadline(gen), *args, **options)
        except TooSlow:
            self.close()
            raise

    @classmethod
    def _connect_gen(cls, *args: Any, **options: Any) -> Any:
        return until_deadline(super()._connect_gen(*args, **options))


class Driver:
    """psycopg, as Django's engine uses it, but for the class of its connections."""

    connect = Connection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with these connections."""

    Database = Driver()  # type: ignore[assignment] # Django asks it for connect() and exceptions only

    def get_new_connection(self, conn_params: Any) -> Any:
        """Connect; under a deadline, not at once after a server that did not answer.

        Raises:
            psycopg.OperationalError: it cannot be reached, or did not answer a moment ago.
        """
        if deadline.get() is not None and not PAUSE.admits():
            raise TooSlow("the database did not answer a moment ago")
        connection = super().get_new_connection(conn_params)
        PAUSE.answered()
        return connection
