"""Does what waits in the broker, in one process and without a worker; run by the part ``turn`` with a tree's Python.

Its arguments are the project's package, whose environment it has, and how many tasks it does before it begins to
measure. It prints JSON: how many tasks it did then, seconds that passed and seconds of the processor, statements, and
the rows that PostgreSQL counted.
"""

from __future__ import annotations

import json
import math
import sys
import time
from importlib import import_module
from queue import Empty
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

app = import_module(f"{sys.argv[1]}.celery").app
COLUMNS = ("tup_fetched", "tup_inserted", "tup_updated", "tup_deleted", "xact_commit")


def main() -> None:
    """Do all tasks and print what that took."""
    app.set_default()
    app.loader.import_default_modules()
    connection.ensure_connection()
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        work(queue, int(sys.argv[2]))
        before = rows()
        told = work(queue)
        after = rows()
    json.dump({**told, **{name: after[name] - before[name] for name in COLUMNS}}, sys.stdout)


def work(queue: Any, most: float = math.inf) -> dict[str, float]:
    """Do tasks that wait, and those that they publish, until none is left or so many are done."""
    statements = tasks = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    passed, used = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        while tasks < most and (message := next_message(queue)) is not None:
            arguments, keywords, _ = message.payload
            app.tasks[message.headers["task"]](*arguments, **keywords)
            message.ack()
            tasks += 1
    return {
        "tasks": tasks,
        "passed": time.perf_counter() - passed,
        "used": time.process_time() - used,
        "statements": statements,
    }


def next_message(queue: Any) -> Any:
    """Return the next task's message, None where none waits."""
    try:
        return queue.get(block=False)
    except Empty:
        return None


def rows() -> dict[str, int]:
    """Return what PostgreSQL has counted so far, this process's part included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM pg_stat_database WHERE datname = current_database()")
        return dict(zip(COLUMNS, cursor.fetchone(), strict=True))


if __name__ == "__main__":
    main()
