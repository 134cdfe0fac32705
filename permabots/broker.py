"""Publishing wake-ups: never slow, never needed. What is lost here is found by the sweep."""

from __future__ import annotations

import threading
import time
from typing import Any

from celery import Task, current_app
from celery.signals import worker_ready, worker_shutting_down
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from permabots import logs, shutdown
from permabots.conf import config_at_start

logger = logs.get_logger(__name__)

LONGEST_COUNTDOWN = 30.0
"""Seconds. A longer one could outlive the broker's visibility timeout, and would be delivered twice."""

PAUSE = 1.0
"""Seconds without publishing after a failure: an unreachable broker must not hold one webhook after another."""

BROKER_ERRORS = (OperationalError, OSError, RedisError)

_paused_until = 0.0


def publish(task: Task[Any, Any], *args: Any, countdown: float | None = None, expires: float | None = None) -> bool:
    """Publish a task once, without a retry; False when the broker did not take it.

    Args:
        task: which.
        args: its arguments: ids, never data.
        countdown: seconds to wait, at most `LONGEST_COUNTDOWN`.
        expires: seconds after which it is not worth running.
    """
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    if _paused_until:
        # Whoever comes next waits for what this caller finds out, instead of trying it too.
        _paused_until = time.monotonic() + PAUSE
    options: dict[str, Any] = {"countdown": countdown, "expires": expires}
    try:
        task.apply_async(args, retry=False, ignore_result=True, **options)
    except BROKER_ERRORS as error:
        _paused_until = time.monotonic() + PAUSE
        logger.warning("%s not published, the sweep will find the work: %s", task.name, type(error).__name__)
        return False
    except Exception as error:  # whatever a transport raises: the rows are there, and the sweep finds them
        _paused_until = time.monotonic() + PAUSE
        logger.exception("%s not published for a reason that nobody foresaw: %s", task.name, type(error).__name__)
        return False
    _paused_until = 0.0
    return True


def check_connection() -> str | None:
    """Open a connection to the broker, as publishing would, and say what is wrong; None when it answers."""
    connection = current_app.connection_for_write()
    transport = connection.transport
    errors: tuple[type[BaseException], ...] = (
        *BROKER_ERRORS,
        *connection.connection_errors,
        *connection.channel_errors,
    )
    try:
        transport.close_connection(transport.establish_connection())
    except errors as error:
        return type(error).__name__
    return None


SWEEP_EXPIRES = 600.0
"""Seconds after which a sweep that waited in the queue is dropped. Not the interval: behind more wake-ups than are
worked off in that time every sweep would be dropped, and what only a sweep finds would wait for their end."""


class Sweeper(threading.Thread):
    """Publishes the sweep in its interval, from a worker's main process. It asks the database nothing itself.

    Every worker has one: a doubled sweep does no harm, and nothing has to be set up.
    """

    def __init__(self, task: Task[Any, Any]) -> None:
        super().__init__(name="permabots-sweeper", daemon=True)
        self.task = task
        self.stopping = threading.Event()

    def run(self) -> None:
        interval = config_at_start().sweep_interval
        while True:
            publish(self.task, expires=max(SWEEP_EXPIRES, interval))
            if self.stopping.wait(interval):
                return


def sweep_while_working(task: Task[Any, Any]) -> None:
    """Run a `Sweeper` in every Celery worker from when it is ready until it shuts down, and tell its work of that."""
    running: list[Sweeper] = []

    def start(**_: Any) -> None:
        shutdown.reset()
        running.append(Sweeper(task))
        running[-1].start()

    def stop(**_: Any) -> None:
        shutdown.begin()
        for sweeper in running:
            sweeper.stopping.set()

    worker_ready.connect(start, weak=False, dispatch_uid="permabots.sweeper.start")
    worker_shutting_down.connect(stop, weak=False, dispatch_uid="permabots.sweeper.stop")
