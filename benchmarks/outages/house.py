"""One installation at work, for one scenario."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from django.contrib.auth import get_user_model
from django.db import connection

from benchmarks.outages.stand import Size, Stand
from demo.site import Running, Site
from permabots.models import Bot
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_handler

ECHO = {"name": "echo", "pattern": r"^echo (?P<n>\d+)$", "response": {"text_template": "{{ pattern.n }}"}}
UNLIMITED = {
    "PERMABOTS_TELEGRAM_RATE": "0",
    "PERMABOTS_TELEGRAM_CHAT_RATE": "0",
    "PERMABOTS_WEBHOOK_RATE": "0",
}
_numbers = count(1)


@dataclass
class House:
    """One installation at work, with one bot.

    Args:
        stand: its servers.
        site: its processes.
        size: how much is done.
        bot: the bot, which answers ``echo 5`` with ``5``.
        token: its account's.
    """

    stand: Stand
    site: Site
    size: Size
    bot: Bot
    token: str
    workers: list[Running] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    replaced: int = 0

    def start_workers(self) -> None:
        """Start all workers at once and wait until they take tasks."""
        threads = [threading.Thread(target=self._start_worker, args=(n,)) for n in range(self.size.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def supervise(self) -> threading.Thread:
        """Start a worker for each that ends, as a supervisor does, until `over`; returns the thread, started.

        Celery itself may end when it loses its broker: "Unrecoverable error".
        """
        thread = threading.Thread(target=self._supervise, daemon=True)
        thread.start()
        return thread

    def _supervise(self) -> None:
        while not self.over.wait(0.5):
            for worker in [worker for worker in self.workers if worker.process.poll() is not None]:
                self.workers.remove(worker)
                self.replaced += 1
                self._start_worker(100 + self.replaced)

    def _start_worker(self, number: int) -> None:
        self.workers.append(self.site.start_worker(f"worker{number}", concurrency=self.size.children))


@contextmanager
def opened(stand: Stand, size: Size, variables: Mapping[str, str] = UNLIMITED) -> Iterator[House]:
    """Start a web server and connect a new bot; afterwards end every process."""
    stand.telegram.clear_faults()
    stand.telegram.clear_journal()
    stand.redis.flush()
    site = stand.site({"PERMABOTS_SWEEP_INTERVAL": str(size.sweep), **variables})
    try:
        site.start_web()
        yield House(stand, site, size, *connect())
    finally:
        site.kill()


def connect() -> tuple[Bot, str]:
    """Make a bot and connect it to Telegram; returns its token too. The web server must answer already."""
    token = f"{4242 + next(_numbers)}:outages"
    owner, _ = get_user_model().objects.get_or_create(username="outages")
    bot = Bot.objects.create(owner=owner, name="outages")
    create_handler(bot, ECHO)
    integrations.attach(bot, "telegram", {"token": token})
    connection.close()  # the database may go away, and this process has nothing to ask it until the end
    return bot, token
