"""The handlers of the bots that are measured: those of `benchmarks.matching`, and one that answers."""

from __future__ import annotations

from collections.abc import Sequence
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
    INSERT INTO permabots_response SELECT (jsonb_populate_record(
        response, jsonb_build_object('id', response_id)
    )).* FROM sample, wanted
)
INSERT INTO permabots_handler SELECT (jsonb_populate_record(handler, jsonb_build_object(
    'id', handler_id, 'response_id', response_id, 'pattern', pattern, 'name', left(pattern, 50)
))).* FROM sample, wanted
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
