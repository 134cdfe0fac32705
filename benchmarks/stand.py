"""The servers that the parts share: PostgreSQL, Redis, and a stand-in Telegram in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from permabots.testing import TelegramControl, TelegramSteering, running
from tests.servers import Postgres, Redis

TELEGRAM = "permabots.testing.telegram"


@dataclass
class Servers:
    """The running servers.

    Args:
        postgres: PostgreSQL.
        redis: Redis; broker in database 0, cache in database 1.
        telegram: steers the stand-in.
        telegram_pid: its process.
        folder: for logs and files.
    """

    postgres: Postgres
    redis: Redis
    telegram: TelegramSteering
    telegram_pid: int
    folder: Path

    def environment(self, database_url: str) -> Mapping[str, str]:
        """Return the variables with which a demo project works on these servers."""
        return {
            "DATABASE_URL": database_url,
            "CELERY_BROKER_URL": self.redis.url,
            "CACHE_URL": self.redis.url.removesuffix("0") + "1",
            "PERMABOTS_TELEGRAM_API_URL": self.telegram.url,
        }


@contextmanager
def started(folder: Path) -> Iterator[Servers]:
    """Start the servers; afterwards they are ended and their data is deleted."""
    # People's messages go to the webhook directly, so the stand-in has never seen what an answer quotes.
    with Postgres() as postgres, Redis() as redis, running(TELEGRAM, "--any-reply") as url:
        yield Servers(postgres, redis, TelegramControl(url), _listener(url), folder)


def _listener(url: str) -> int:
    """Return the child of this process that listens on a URL's port."""
    port = int(url.rpartition(":")[2])
    for child in psutil.Process().children():
        if any(each.laddr.port == port and each.status == psutil.CONN_LISTEN for each in child.net_connections()):
            return child.pid
    raise LookupError(f"no child listens on {port}")
