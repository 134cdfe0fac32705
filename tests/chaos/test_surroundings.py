"""What a run puts around PostgreSQL: a clock that can be set, and a disk that can be full."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.chaos.clock import Clock
from tests.chaos.database import DurablePostgres
from tests.chaos.disk import can_mount

AHEAD = 3600.0
WITHIN = 60.0
"""Seconds that may pass between two looks at two clocks."""

# Where requirements/test.txt asks for the wheel these fail without it.
HAS_WHEEL = (sys.platform, platform.machine()) == ("linux", "x86_64")
with_clock = pytest.mark.skipif(not HAS_WHEEL, reason="there is no wheel of libfaketime for such machines")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock in a folder that the user of PostgreSQL can reach: pytest's own are for one user alone."""
    with tempfile.TemporaryDirectory(prefix="permabots-") as folder:
        yield Clock(Path(folder))


def wrong_by(clock: Clock, seen: float) -> bool:
    """Whether what a program took for the time is as wrong as the clock."""
    return abs(seen - time.time() - clock.ahead) < WITHIN


@with_clock
@pytest.mark.parametrize("ahead", [0.0, AHEAD, -AHEAD])
def test_a_program_sees_the_clock_that_was_set_and_the_right_monotonic_one(clock: Clock, ahead: float) -> None:
    clock.set(ahead)
    program = "import time; print(time.time(), time.monotonic())"
    done = subprocess.run([sys.executable, "-c", program], env={**clock.variables()}, capture_output=True, check=True)
    wall, monotonic = map(float, done.stdout.split())
    assert wrong_by(clock, wall)
    assert abs(monotonic - time.monotonic()) < WITHIN


@with_clock
def test_a_clock_is_set_while_the_database_runs(clock: Clock) -> None:
    with DurablePostgres(clock.variables()) as server, psycopg.connect(server.url, autocommit=True) as connection:
        for ahead in (AHEAD, -AHEAD):
            clock.set(ahead)
            end = time.monotonic() + 10
            while not wrong_by(clock, now_of(connection)) and time.monotonic() < end:
                time.sleep(0.1)
            assert wrong_by(clock, now_of(connection))


def now_of(connection: psycopg.Connection) -> float:
    row = connection.execute("SELECT extract(epoch FROM statement_timestamp())::float8").fetchone()
    assert row is not None
    return float(row[0])


@pytest.fixture
def may_mount() -> None:
    """Leaves a test out where the operating system does not let anybody, or anybody but root, mount a file system."""
    if not can_mount():
        pytest.skip("this user may not mount a file system")


def test_a_full_disk_refuses_what_takes_room_and_keeps_what_was_committed(may_mount: None) -> None:
    with DurablePostgres(own_disk=True) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
            server.disk.fill()
            with pytest.raises(psycopg.OperationalError):  # no space, or the server has ended for want of it
                connection.execute("CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
        server.disk.empty()
        server.recover()
        with psycopg.connect(server.url, autocommit=True) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
            connection.execute("CREATE TABLE big AS SELECT 1")
