"""What the servers themselves count: the WAL that PostgreSQL writes, the commands that Redis carries out."""

from __future__ import annotations

import psycopg
from redis import Redis

from benchmarks.stand import Servers

WAL = "WAL kB"
COMMANDS = "Redis commands"
NAMES = (WAL, COMMANDS)


def counters(servers: Servers) -> dict[str, float]:
    """Return what the servers have counted so far, by `NAMES`."""
    with psycopg.connect(servers.postgres.url, autocommit=True) as connection:
        row = connection.execute("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn) / 1000.0").fetchone()
    with Redis.from_url(servers.redis.url) as redis:
        commands = redis.info("stats")["total_commands_processed"]
    return {WAL: float(row[0]) if row else 0.0, COMMANDS: float(commands)}
