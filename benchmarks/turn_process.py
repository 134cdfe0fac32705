"""Does what waits in the broker, in one process and without a worker; run by the part ``turn`` with a tree's Python.

It works on whatever demo project its environment names. It prints JSON: how many tasks it did, seconds that passed and
seconds of the processor, statements, and the rows that PostgreSQL counted.
"""

from __future__ import annotations

import json
import sys
import time
from queue import Empty
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from demo.celery import app  # noqa: E402

COLUMNS = ("tup_fetched", "tup_inserted", "tup_updated", "tup_deleted", "xact_commit")


def main() -> None:
    """Do all tasks and print what that took. Reading what the bot is made of is a part of it, once."""
    app.set_default()
    app.loader.import_default_modules()
    connection.ensure_connection()
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        before = rows()
        told = work(queue)
        after = rows()
    json.dump({**told, **{name: after[name] - before[name] for name in COLUMNS}}, sys.stdout)


def work(queue: Any) -> dict[str, float]:
    """Do all tasks that wait, and those that they publish."""
    statements = tasks = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    passed, used = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        while (message := next_message(queue)) is not None:
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
