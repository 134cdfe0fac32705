"""Publishing wake-ups: never slow, and never needed, since the sweep finds the work of a wake-up that was lost."""

from __future__ import annotations

import threading
import time
from enum import Enum
from functools import cache
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


class Order(Enum):
    """Which tasks a task waits for, where the broker is Redis: no author's many tasks are ahead of others' few.

    Redis keeps a list for each of these numbers, and workers take from the lowest first. Other brokers understand the
    numbers in other ways, or only after a queue was made for them: there all tasks wait in one line.
    """

    FIRST = 0
    """Answers to people."""
    BUSY = 3
    """Answers and acknowledgements of an owner with many messages at this moment, and what a sweep has found,
    notifications too."""
    BULK = 6
    """Notifications to many recipients."""


@cache
def has_order() -> bool:
    """Return whether the broker keeps tasks in the order of `Order`."""
    transport: Any = current_app.connection_for_write().transport
    return bool(transport.driver_type == "redis")


def publish(
    task: Task[Any, Any],
    *args: Any,
    countdown: float | None = None,
    expires: float | None = None,
    order: Order = Order.FIRST,
) -> bool:
    """Publish a task once, without a retry.

    Args:
        task: the task.
        args: its arguments: ids, never data.
        countdown: seconds to wait, at most `LONGEST_COUNTDOWN`.
        expires: seconds after which the task is not worth running.
        order: which tasks it waits for.

    Returns:
        False when the broker did not take the task, or failed so recently that it was not asked.
    """
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    if _paused_until:
        # The next callers return False until this one knows whether the broker answers, instead of trying it too.
        _paused_until = time.monotonic() + PAUSE
    options: dict[str, Any] = {"countdown": countdown, "expires": expires}
    if order is not Order.FIRST and has_order():
        options["priority"] = order.value
    try:
        task.apply_async(args, retry=False, ignore_result=True, **options)
    except BROKER_ERRORS as error:
        _paused_until = time.monotonic() + PAUSE
        logger.warning("%s not published, the sweep will find the work: %s", task.name, type(error).__name__)
        return False
    except Exception as error:  # whatever a transport raises: the rows are stored, and the sweep finds them
        _paused_until = time.monotonic() + PAUSE
        logger.exception("%s not published for a reason that nobody foresaw: %s", task.name, type(error).__name__)
        return False
    _paused_until = 0.0
    return True


def check_connection() -> str | None:
    """Open a connection to the broker, as publishing would.

    Returns:
        The name of the error; None when the broker answers.
    """
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
"""Seconds after which a sweep that waited in the queue is dropped. More than the interval: while the queue is longer
than workers finish in an interval, every sweep would be dropped, and the work that only a sweep finds would wait."""


class Sweeper(threading.Thread):
    """Publishes the sweep in its interval, from a worker's main process. It sends no query to the database.

    Every worker has one: a second sweep does no harm, and nothing has to be set up.

    Args:
        task: the sweep's task.
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
    """Run a `Sweeper` in every Celery worker from its start to its shutdown, and set `shutdown`'s flag then.

    Args:
        task: the sweep's task.
    """
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
