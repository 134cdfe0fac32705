"""The handlers of the bots that are measured: those of `benchmarks.matching`, and one that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from benchmarks import matching

ECHO: dict[str, Any] = {
    "name": "echo",
    "pattern": r"^echo (?P<n>\d+)$",
    "response": {"text_template": "{{ pattern.n }}"},
}
"""Answers ``echo 5`` with ``5``."""
OTHER: dict[str, Any] = {"response": {"text_template": "ok"}}
"""What the handlers beside it answer."""
WRITTEN = 100
"""So many handlers are written over the API; more are copied by SQL, which does not take minutes."""
_COPY = """
WITH sample AS (
    SELECT h AS handler, r AS response FROM permabots_handler h JOIN permabots_response r ON r.id = h.response_id
    WHERE h.bot_id = %(bot)s LIMIT 1
), wanted AS (
    SELECT pattern, gen_random_uuid() AS handler_id, gen_random_uuid() AS response_id
    FROM unnest(%(patterns)s::text[]) AS pattern
), responses AS (
    INSERT INTO permabots_response SELECT made.* FROM sample, wanted,
    jsonb_populate_record(response, jsonb_build_object('id', response_id)) AS made
)
INSERT INTO permabots_handler SELECT made.* FROM sample, wanted,
jsonb_populate_record(handler, jsonb_build_object(
    'id', handler_id, 'response_id', response_id, 'pattern', pattern, 'name', left(pattern, 50)
)) AS made
"""


def patterns(total: int) -> tuple[list[str], list[str]]:
    """Return the patterns of a bot's handlers beside `ECHO`: those written over the API, and those to be copied."""
    found = [matching.handler(place).pattern for place in range(total - 1)]
    return found[:WRITTEN], found[WRITTEN:]


def copy_handler(database_url: str, bot_id: str, wanted: Sequence[str]) -> None:
    """Copy a handler of a bot, once for each pattern. What is written over the API next makes the bot's revision new.

    Args:
        database_url: of the installation.
        bot_id: the bot, with one handler at least.
        wanted: the patterns.
    """
    with psycopg.connect(database_url) as connection:
        connection.execute(_COPY, {"bot": bot_id, "patterns": list(wanted)})
        connection.execute("ANALYZE permabots_handler, permabots_response")


def copy_rows(
    connection: psycopg.Connection[Any], table: str, where: str, count: int, changes: Mapping[str, str]
) -> None:
    """Copy one row of a table many times.

    Args:
        connection: to the database.
        table: its name.
        where: the condition that finds the row, in SQL.
        count: how often.
        changes: for each column that differs, its value in SQL; ``n`` is the number of the copy, from 1.
    """
    fields = ", ".join(f"'{column}', {value}" for column, value in changes.items())
    statement = (
        f"INSERT INTO {table} SELECT made.* FROM (SELECT t AS sample FROM {table} t WHERE {where} LIMIT 1) one, "
        f"generate_series(1, {count}) AS n, jsonb_populate_record(sample, jsonb_build_object({fields})) AS made"
    )
    connection.execute(statement.encode())
