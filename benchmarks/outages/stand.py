"""The servers and the messenger that scenarios share, and how much they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from demo.site import Site, free_port
from permabots.testing import TelegramServer
from tests.servers import Postgres, Redis


@dataclass(frozen=True, slots=True)
class Size:
    """How much a scenario does.

    Args:
        messages: that wait when Redis is emptied.
        rate: messages a second while something is away.
        before: seconds of talk before it goes.
        away: seconds that it is away.
        long: the same, where it is away for long.
        after: seconds of talk once it is back.
        chats: how many people talk.
        rounds: messages of each of the people who must not notice a flooded chat.
        kills: workers' children killed, one a second.
        workers: Celery workers.
        children: of each.
        sweep: ``SWEEP_INTERVAL``, in seconds.
    """

    messages: int = 500
    rate: float = 20.0
    before: float = 3.0
    away: float = 10.0
    long: float = 30.0
    after: float = 3.0
    chats: int = 50
    rounds: int = 3
    kills: int = 10
    workers: int = 2
    children: int = 2
    sweep: float = 10.0


QUICK = Size(messages=60, before=1.0, away=4.0, long=8.0, after=1.0, chats=10, rounds=2, kills=3, sweep=3.0)


@dataclass
class Stand:
    """What all scenarios share.

    Args:
        postgres: running, with the tables of the demo project in the database of `database_url`.
        redis: running; broker in database 0, cache in database 1.
        database_url: the same database that this process's Django works on.
        folder: for logs.
    """

    postgres: Postgres
    redis: Redis
    database_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    telegram: TelegramServer = field(default_factory=TelegramServer)

    def __enter__(self) -> Self:
        self.telegram.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.telegram.stop()

    def environment(self) -> dict[str, str]:
        """Return the variables that the installation and this process have in common."""
        return {
            "SECRET_KEY": "tests",  # as in the settings of tests: what one process encrypts the others read
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.redis.url,
            "CACHE_URL": self.redis.url.removesuffix("0") + "1",
            "PERMABOTS_TELEGRAM_API_URL": self.telegram.url,
        }

    def site(self, variables: Mapping[str, str]) -> Site:
        """Return the installation, none of whose processes runs yet."""
        return Site(self.folder, {**self.environment(), **variables}, self.port)
