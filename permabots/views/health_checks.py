"""The checks of ``readyz``: each in a thread, so that a check that hangs is reported in time and hangs only once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error

from permabots import broker, logs
from permabots.conf import get_config
from permabots.database import connection
from permabots.pipeline.operating import backlog

Finding = dict[str, Any]
"""``ok``, and details in plain words. Never an address, a name, a class of an error or a secret: the answer may be
public. The log has the class of an error."""

TIMED_OUT = "no answer in time"
DATABASE_AWAY = "the database does not answer"
BROKER_AWAY = "the broker does not answer"
BROKEN = "the check itself failed"

logger = logs.get_logger(__name__)


def database() -> Finding:
    """Run a query on a new connection, which shows that the database takes connections."""
    try:
        with connection().cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return _failed(DATABASE_AWAY, type(error).__name__)
    finally:
        connection().close()
    return {"ok": True}


def waiting() -> Finding:
    """Ask how long the oldest due work has been waiting."""
    limit = get_config().ready_seconds
    try:
        seconds = backlog.oldest()
    except Error as error:
        return _failed(DATABASE_AWAY, type(error).__name__)
    finally:
        connection().close()
    return {"ok": seconds <= limit, "seconds": round(seconds, 1), "limit": limit}


def publishing() -> Finding:
    """Ask whether the broker takes a connection."""
    error = broker.check_connection()
    return {"ok": True} if error is None else _failed(BROKER_AWAY, error)


def _failed(words: str, name: str) -> Finding:
    """Return a finding in words; the log gets the name of the error's class."""
    logger.warning("not ready, %s: %s", words, name)
    return {"ok": False, "error": words}


@dataclass
class Check:
    """A question that may hang. Callers at one time share one answer, and a question that hangs is not asked again.

    Args:
        ask: the question.
    """

    ask: Callable[[], Finding]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asking: tuple[threading.Thread, list[Finding]] | None = None

    def start(self) -> tuple[threading.Thread, list[Finding]]:
        """Start the check, unless it is already running; return the thread and the place of its answer."""
        with self._lock:
            if self._asking is None or not self._asking[0].is_alive():
                answer: list[Finding] = []
                thread = threading.Thread(target=self._find, args=(answer,), name="permabots-check", daemon=True)
                self._asking = (thread, answer)
                thread.start()
            return self._asking

    def _find(self, answer: list[Finding]) -> None:
        try:
            answer.append(self.ask())
        except Exception as error:  # noqa: BLE001 - whatever it is, this is not ready, and somebody waits to hear so
            answer.append(_failed(BROKEN, type(error).__name__))


CHECKS: Mapping[str, Check] = {
    "database": Check(database),
    "broker": Check(publishing),
    "waiting": Check(waiting),
}


def findings(names: list[str], seconds: float) -> dict[str, Finding]:
    """Run some of `CHECKS` at the same time, and return their findings within ``seconds``."""
    end = time.monotonic() + seconds
    asked = {name: CHECKS[name].start() for name in names}
    results = {}
    for name, (thread, answer) in asked.items():
        thread.join(max(0.0, end - time.monotonic()))
        results[name] = answer[0] if answer else {"ok": False, "error": TIMED_OUT}
    return results
