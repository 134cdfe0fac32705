"""The servers that the tests run on."""

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis as Client
from redis.exceptions import TimeoutError as RedisTimeout

from tests.servers import Postgres, Redis, ServerFailed
from tests.servers import redis as redis_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server():
    with Postgres() as running:
        yield running


@pytest.fixture(scope="module")
def broker():
    with Redis() as running:
        yield running


def query(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def test_a_database_is_made_and_keeps_its_rows_over_a_restart_and_a_crash(server):
    url = server.createdb("kept")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
    server.restart()
    server.crash()
    server.start()
    assert query(url, "SELECT value FROM kept") == (1,)


def test_a_dropped_database_is_gone(server):
    url = server.createdb("dropped")
    server.dropdb("dropped")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        query(url, "SELECT 1")


@pytest.mark.parametrize(
    ("name", "value"), [("fsync", "off"), ("TimeZone", "UTC"), ("max_connections", "200"), ("server_encoding", "UTF8")]
)
def test_the_database_server_is_set_up_for_tests(server, name, value):
    assert query(server.url, f"SHOW {name}") == (value,)


def test_a_frozen_database_server_answers_again_when_it_goes_on(server):
    with psycopg.connect(server.url) as connection:
        server.pause()
        states = {child.status() for child in psutil.Process(server.pid).children()}
        server.resume()
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert states - {psutil.STATUS_ZOMBIE} == {psutil.STATUS_STOPPED}


def test_a_frozen_broker_answers_again_when_it_goes_on(broker):
    with Client.from_url(broker.url, socket_timeout=0.1, retry=None) as client:
        client.ping()
        broker.pause()
        with pytest.raises(RedisTimeout):
            client.ping()
        broker.resume()
    with Client.from_url(broker.url) as client:
        assert client.ping()


def test_a_flushed_or_restarted_broker_is_empty(broker):
    with Client.from_url(broker.url) as client:
        client.set("key", "value")
        broker.flush()
        assert client.keys() == []
        client.set("key", "value")
        broker.restart()
        assert client.keys() == []


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(monkeypatch):
    server = Redis()
    monkeypatch.setattr(server, "command", lambda: [sys.executable, "-c", "raise SystemExit('no such option')"])
    with pytest.raises(ServerFailed, match="no such option"), server:
        pass
    assert not server.folder.exists()


@pytest.mark.process
def test_servers_end_with_an_owner_that_was_killed():
    owner = subprocess.Popen(
        [sys.executable, "-m", "tests.servers"], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    with owner.stdout as output:
        assert output.readline().startswith(b"DATABASE_URL=postgres://")
        assert output.readline().startswith(b"CELERY_BROKER_URL=redis://")
        family = psutil.Process(owner.pid).children(recursive=True)
        os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 30
    while any(is_alive(process) for process in family) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [process for process in family if is_alive(process)] == []


def is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def systems_redis(tmp_path, monkeypatch):
    """A redis-server on the PATH as Debian builds it: with an allocator of its own."""
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return program


@pytest.mark.skipif(not any(find_spec(package) for package, _ in redis_server.WHEELS), reason="no wheel has a server")
def test_a_wheels_redis_comes_before_the_systems(systems_redis):
    assert redis_server.find_redis() != systems_redis


def test_a_redis_that_cannot_go_by_a_set_clock_says_why_and_is_not_started(systems_redis, monkeypatch):
    monkeypatch.setattr(redis_server, "WHEELS", ())
    with pytest.raises(ServerFailed, match="allocator"):
        Redis({"LD_PRELOAD": "libfaketime.so.1"}).start()
    assert "allocator" in redis_server.why_no_clock()
