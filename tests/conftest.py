"""What every test has: a guarded network, the servers of its lane, an empty cache."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection

from permabots.cooldown import Pause
from permabots.security import counters
from tests import celery, emptying, network
from tests.order import arranged
from tests.servers import Postgres, Redis

__all__ = ["celery"]  # imported, it is the application that shared tasks belong to

network.install()
emptying.install()

# How long a test takes is a fact about the machine, not about the code.
hypothesis.settings.register_profile(
    "tests", hypothesis.settings.default, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Have the SQLite lane import only files with tests for it: most have none, and each process imports."""
    if config.getoption("markexpr") == "sqlite" and collection_path.match("test_*.py"):
        return "mark.sqlite" not in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.hookimpl(trylast=True)  # once they are shuffled
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Share the tests among the processes that run them side by side."""
    if (processes := getattr(config, "workerinput", {}).get("workercount", 1)) > 1:
        items[:] = arranged(items, processes)


def pytest_collection_finish() -> None:
    """Spare the garbage collector all tests and all that is imported: it would look at them again and again."""
    gc.collect()
    gc.freeze()


def on_postgres() -> bool:
    """Return whether this is the lane with PostgreSQL and Redis, and not the one with SQLite."""
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this test process (with pytest-xdist each worker has its own)."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """The Redis server of this test process: broker in database 0, cache in database 1."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start the servers of the lane when the first test asks for the database, and tell Django where they are."""
    if not on_postgres():
        settings.DATABASES["default"]["TEST"]["NAME"] = str(tmp_path_factory.mktemp("sqlite") / "tests.sqlite3")
    else:
        settings.DATABASES["default"]["PORT"] = str(request.getfixturevalue("postgres").port)
        settings.CACHES["default"]["LOCATION"] = request.getfixturevalue("redis").url.removesuffix("0") + "1"
        with suppress(AttributeError):  # a library that looked at the cache while it was imported has built it
            del caches["default"]


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: Any) -> Any:
    """The web server of this process, once the database is known: before, SQLite's is taken for one in memory.

    Then the server's threads would work on the connection of the tests, and close it under them.
    """
    return live_server


@pytest.fixture
def database_url(transactional_db: None, request: pytest.FixtureRequest) -> str:
    """The URL of the tests' database, for a process that is to work on the same rows."""
    name = str(connection.settings_dict["NAME"])
    return request.getfixturevalue("postgres").url_of(name) if on_postgres() else f"sqlite:///{name}"


@pytest.fixture
def broker_url(redis: Redis) -> str:
    """The URL of an empty broker, for a process."""
    redis.flush()
    return redis.url


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fail a test whose threads tried to reach another machine, even if nobody saw them fail."""
    network.REFUSED.clear()
    yield
    assert not network.REFUSED, f"connections off this machine: {network.REFUSED}"


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Tests of rows begin with an empty cache, as they begin with an empty database."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("django_db_setup")
        cache.clear()


@pytest.fixture(autouse=True)
def _nothing_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker or a cache that failed is left alone for a while: what one test met is not the next one's."""
    monkeypatch.setattr("permabots.broker._paused_until", 0.0)
    monkeypatch.setattr("permabots.pipeline.receiving.webhook_cache._pause", Pause(1.0))
    monkeypatch.setattr("permabots.security.counters._pause", Pause(1.0))
    counters._windows.clear()
