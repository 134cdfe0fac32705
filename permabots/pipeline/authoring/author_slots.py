"""How much of the web processes' time authors have at once: simulations, turns in the playground, runs of tests, and
calls of messengers about their accounts.

Each takes a thread of a web process for as long as the author's API takes to answer. So one author has a few at once on
a host, and all authors together have so many that threads are left for webhooks.
"""

from __future__ import annotations

import atexit
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.utils.crypto import salted_hmac

from permabots import logs
from permabots.conf import get_config
from permabots.database import connection
from permabots.exceptions import TooManyAtOnce
from permabots.pipeline.user_api.slots import Slots, row_of

logger = logs.get_logger(__name__)

RETRY_AFTER = 2.0
"""Seconds after which one that was refused may be tried again."""
TOTAL = 0
"""The row of all authors. Each author has a row of their own."""

_lock = threading.Lock()
_open: list[tuple[int, Slots]] = []
"""The process that opened the file, and its slots: a forked child has none of its parent's."""


@contextmanager
def author_slot(author: Any) -> Iterator[None]:
    """Have a slot for one simulation, turn or run.

    Args:
        author: the id of the user whose work it is.

    Raises:
        TooManyAtOnce: the author, or all authors together, have as many at once as they may.
    """
    config = get_config()
    row = row_of(str(author))
    limits = {TOTAL: config.simulations, row: config.simulations_per_author}
    rows = {row: limit for row, limit in limits.items() if limit}
    slots = _slots()
    found = slots.take(rows)
    if rows and not found:
        own, everybody = (limit or "any number" for limit in (config.simulations_per_author, config.simulations))
        raise TooManyAtOnce(
            f"Too many simulations, runs of tests and calls of messengers at once: one author may have {own}, all "
            f"together {everybody}.",
            RETRY_AFTER,
        )
    try:
        yield
    finally:
        slots.give_back(found)


def _slots() -> Slots:
    """Return the slots of this process."""
    with _lock:
        if not _open or _open[0][0] != os.getpid():
            file = _shared_file()
            atexit.register(file.close)
            _open[:] = [(os.getpid(), Slots(file))]
        return _open[0][1]


def _shared_file() -> IO[bytes]:
    """Open the file that all web processes of an installation and a user share on a host; else one of this process.

    An installation is a database and a secret key: two of them may have the same key, as a copy for trials has.
    """
    database = connection().settings_dict
    where = repr([str(database.get(name, "")) for name in ("HOST", "PORT", "NAME")])
    name = f"permabots-{salted_hmac('permabots.author_slots', where).hexdigest()[:16]}.slots"
    try:
        return _own_file(Path(tempfile.gettempdir()) / name)
    except OSError as error:
        logger.warning("simulations are counted in each web process by itself: %s", type(error).__name__)
        return tempfile.TemporaryFile()


def _own_file(path: Path) -> IO[bytes]:
    """Open a file of this user; the folder is everybody's, so another user may have put something else there.

    Raises:
        OSError: it is another user's, or no plain file.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags, 0o600), "r+b")
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
        file.close()
        raise PermissionError
    return file
