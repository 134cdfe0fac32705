"""The checks of ``readyz``: each in a thread, so that a check that hangs is reported in time and hangs only once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.db import Error

from permabots import broker, logs
from permabots.conf import get_config
from permabots.database import connection
from permabots.models import WorkerHeartbeat
from permabots.pipeline.operating import backlog

Finding = dict[str, Any]
"""``ok``, and details in plain words. Never an address, a name, a class of an error or a secret: the answer may be
public. The log has the class of an error."""

TIMED_OUT = "no answer in time"
DATABASE_AWAY = "the database does not answer"
BROKER_AWAY = "the broker does not answer"
NO_WORKER_YET = "no worker has done a sweep yet: start one with celery -A yourproject worker"
NO_WORKER = "no worker has done a sweep lately"
BROKEN = "the check itself failed"

SWEEPS_MISSED = 3
"""So many sweeps have to be missing before workers are reported, where that takes longer than ``READY_SECONDS``."""

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


def workers() -> Finding:
    """Ask when a worker last did a sweep, the task that every worker publishes in its interval.

    Who did one is alive, reaches broker and database, and takes the queue that the sweep goes to. Asking workers
    themselves (Celery's ``ping``) would be a broadcast and a wait in each probe, needs a transport that has broadcasts,
    and is answered by the main process of a worker whose children hang. The limit is the one of waiting work: a sweep
    waits in the queue behind the work of all bots, and a bot whose work takes long must not look like dead workers.
    """
    if current_app.conf.task_always_eager:
        return {"ok": True}  # tasks run where they are published: there are no workers, and no sweeps
    config = get_config()
    limit = max(config.ready_seconds, SWEEPS_MISSED * config.sweep_interval)
    try:
        seconds = WorkerHeartbeat.objects.age()
    except Error as error:
        return _failed(DATABASE_AWAY, type(error).__name__)
    finally:
        connection().close()
    if seconds is None:
        return {"ok": False, "error": NO_WORKER_YET}
    found = {"ok": seconds <= limit, "seconds": round(seconds, 1), "limit": limit}
    return found if found["ok"] else {**found, "error": NO_WORKER}


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
    "workers": Check(workers),
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
