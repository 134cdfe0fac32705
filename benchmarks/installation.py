"""One checkout's demo project as it is measured: its processes, and its bots, configured over the REST API alone."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from benchmarks.handlers import ECHO, OTHER, copy_handler, patterns
from benchmarks.namespaces import Host
from benchmarks.stand import Servers
from demo.site import ROOT, Running, Site

UNLIMITED = {"PERMABOTS_TELEGRAM_RATE": "0", "PERMABOTS_TELEGRAM_CHAT_RATE": "0"}
HIGH_RATES = {"PERMABOTS_TELEGRAM_RATE": "1000000", "PERMABOTS_TELEGRAM_CHAT_RATE": "1000000"}
"""They are kept to, and nothing waits for them."""
ANY_NUMBER = {"PERMABOTS_WEBHOOK_RATE": "0", "PERMABOTS_QUOTAS": "null", "PERMABOTS_API_THROTTLES": "null"}
"""One bot has any number of handlers, and is written to as fast as it answers. For trees that have these settings."""
OWNER = "bench"
WEB_THREADS = 8
CHILDREN = 2
_bot_numbers = count(70_001)


@dataclass(frozen=True, slots=True)
class Tree:
    """A checkout and what runs it.

    Args:
        name: for people.
        path: the checkout.
        python: its interpreter.
        variables: of its processes, beyond those that say where the servers are.
    """

    name: str = "ours"
    path: Path = ROOT
    python: str = sys.executable
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BotAddress:
    """Where a bot's messages are posted.

    Args:
        token: its token at Telegram.
        path: of its webhook.
        secret: what Telegram proves itself with.
        id: of the bot.
    """

    token: str
    path: str
    secret: str
    id: str = ""


@dataclass
class Installation:
    """An installation of a tree, with a database of its own.

    Args:
        servers: what it works on.
        tree: whose it is.
        site: its processes.
        key: of its owner, for the API.
    """

    servers: Servers
    tree: Tree
    site: Site
    key: str = ""

    @contextmanager
    def at_work(
        self,
        variables: Mapping[str, str] = UNLIMITED,
        *,
        web: int = 1,
        threads: int = WEB_THREADS,
        workers: int = 1,
        pool: str = "prefork",
        children: int = CHILDREN,
        hosts: Sequence[Host] = (),
    ) -> Iterator[AtWork]:
        """Start the web server and workers; afterwards they are ended at once, and the broker is emptied.

        Args:
            variables: of the processes, beyond those of the installation.
            web: how many processes the web server has.
            threads: how many threads each of them has.
            workers: how many Celery workers; 0 for none.
            pool: how they work.
            children: what each does at a time.
            hosts: where the workers run, one each; none for this machine.
        """
        self.servers.redis.flush()
        kept, self.site.environment = self.site.environment, {**self.site.environment, **variables}
        try:
            server = self.site.start_web(threads=threads, processes=web)
            started = [
                self.site.launch_worker(f"worker{number}", pool=pool, concurrency=children, prefix=prefix)
                for number, prefix in enumerate([host.prefix for host in hosts] or [()] * workers)
            ]
            yield AtWork(self, server, started)
        finally:
            self.site.kill()
            self.site.environment = kept

    @property
    def database_url(self) -> str:
        """Its database."""
        return self.site.environment["DATABASE_URL"]

    def ask(self, method: str, where: str, body: Any = None) -> Any:
        """Call the REST API.

        Raises:
            requests.HTTPError: it refused.
        """
        answer = requests.request(
            method,
            f"{self.site.url}/api/v1/{where}",
            json=body,
            headers={"Authorization": f"Token {self.key}"},
            timeout=60,
        )
        if not answer.ok:
            raise requests.HTTPError(f"{method} {where}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def make_bot(self, handlers: int = 10, request: str = "") -> BotAddress:
        """Make a bot over the API and connect it to Telegram; the web server and a worker must run.

        Args:
            handlers: how many it has; the last one tried answers ``echo 5`` with ``5``.
            request: the URL that this one asks before; "" for none.
        """
        made = self.ask("POST", "bots/", {"name": "bench"})
        written, copied = patterns(handlers)
        for pattern in written:
            self.ask("POST", f"bots/{made['id']}/handlers/", {**OTHER, "name": pattern[:50], "pattern": pattern})
        if copied:
            copy_handler(self.database_url, made["id"], copied)
        asking = {"request": {"url_template": request}} if request else {}
        self.ask("POST", f"bots/{made['id']}/handlers/", {**ECHO, **asking})
        token = f"{next(_bot_numbers)}:bench"
        self.ask("POST", f"bots/{made['id']}/telegram/", {"token": token})
        return self._connected(token, made["id"])

    def _connected(self, token: str, bot_id: str, patience: float = 20.0) -> BotAddress:
        end = time.monotonic() + patience
        while not (webhook := self.servers.telegram.webhook(token))["url"]:
            if time.monotonic() > end:
                raise TimeoutError("no webhook was set")
            time.sleep(0.05)
        return BotAddress(token, urlsplit(webhook["url"]).path, webhook["secret"], bot_id)


@dataclass(frozen=True, slots=True)
class AtWork:
    """The running processes of an installation.

    Args:
        installation: whose they are.
        web: the web server.
        workers: the Celery workers.
    """

    installation: Installation
    web: Running
    workers: list[Running]

    def pids(self) -> dict[str, list[int]]:
        """Return the roots of all process trees that take part, by what they are."""
        servers = self.installation.servers
        return {
            "web": [self.web.process.pid],
            "worker": [worker.process.pid for worker in self.workers],
            "PostgreSQL": [servers.postgres.pid],
            "Redis": [servers.redis.pid],
        }


def installed(servers: Servers, tree: Tree, name: str = "") -> Installation:
    """Make an installation: a database with its tables, and an owner of bots with a key for the API.

    Args:
        servers: what it works on.
        tree: whose it is.
        name: of its database and folder; "" for the tree's.
    """
    name = name or re.sub(r"\W+", "_", tree.name).lower()
    folder = servers.folder / name
    database = servers.postgres.createdb(name)
    variables = {
        **servers.environment(database),
        "LOG_LEVEL": "WARNING",
        "DJANGO_SUPERUSER_PASSWORD": "bench",
        **tree.variables,
    }
    site = Site(folder, variables, tree=tree.path, python=tree.python)
    site.manage("migrate", "--verbosity", "0")
    site.manage("createsuperuser", "--noinput", "--username", OWNER, "--email", "bench@example.org")
    key = site.manage("drf_create_token", OWNER).split()[2]
    return Installation(servers, tree, site, key)
