"""Everything that runs in a chaos run: servers, the site's processes, the stand-ins."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from demo.site import Running, Site, SiteError
from permabots.testing import Fault, FaultKind
from tests.chaos.accounting.bot import NAME
from tests.chaos.accounting.script import Script
from tests.chaos.clock import Clock
from tests.chaos.database import DurablePostgres
from tests.chaos.processes import owner_of
from tests.chaos.room import Room
from tests.chaos.standins import ChaosApi, ChaosTelegram
from tests.chaos.switches import Switches
from tests.chaos.web_chat.stand_in import ChaosStore
from tests.servers import Redis

TOKEN = "4242:chaos"
WORKER = "worker"
"""What the names of workers begin with."""
TURN_ATTEMPTS = 3
"""How often a turn or a notification is begun."""
TIME_SCALE = 0.1
"""Telegram's first retries come after 0, 2, 4, 8 of its seconds."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How the site of a run is set up.

    Args:
        lease: seconds.
        timeout: seconds of a send and of a call of the user's API.
        sweep: seconds between two sweeps.
        workers: how many Celery workers.
        children: of each.
        pool: theirs.
        window: how many messages may wait for their answers at a time.
        send_attempts: after so many a send is given up.
    """

    lease: float = 6.0
    timeout: float = 2.0
    sweep: float = 1.0
    workers: int = 2
    children: int = 8
    pool: str = "prefork"
    window: int = 100
    send_attempts: int = 15

    def environment(self) -> dict[str, str]:
        return {
            "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1",
            "PERMABOTS_LEASE": str(self.lease),
            "PERMABOTS_SEND_TIMEOUT": str(self.timeout),
            "PERMABOTS_REQUEST_TIMEOUT": str(self.timeout),
            "PERMABOTS_RENDER_TIMEOUT": str(self.timeout),
            "PERMABOTS_SWEEP_INTERVAL": str(self.sweep),
            "PERMABOTS_WAKE_INTERVAL": str(3 * self.sweep),
            "PERMABOTS_RETRY_BASE": "0.2",
            "PERMABOTS_SEND_ATTEMPTS": str(self.send_attempts),
            "PERMABOTS_TURN_ATTEMPTS": str(TURN_ATTEMPTS),
            "PERMABOTS_BREAKER_SECONDS": "3",
            "PERMABOTS_API_THROTTLES": "null",
            "PERMABOTS_WEBHOOK_RATE": "0",
            "PERMABOTS_WEBCHAT_TRUSTED_PROXIES": "1",  # each visitor has an address of their own
            "PERMABOTS_WORKER_DEATHS": "0",  # one bot has all messages here, and its workers are killed all the time
        }


SCENE_SETUP = Setup(lease=4.0, timeout=1.5, sweep=0.5, workers=1, children=4, send_attempts=3)
"""For `tests.chaos.scenes`, which wait for leases to run out."""


@dataclass
class Machine:
    """One installation of permabots with its servers and the outside world.

    Args:
        postgres: the database server; running.
        redis: broker in database 0, cache in database 1; running.
        database_url: the database in it.
        folder: for files and logs.
        setup: how it is set up.
        clock: what all its processes go by; None for this machine's own.
    """

    postgres: DurablePostgres
    redis: Redis
    database_url: str
    folder: Path
    setup: Setup = field(default_factory=Setup)
    clock: Clock | None = None

    def __post_init__(self) -> None:
        self.telegram = ChaosTelegram(time_scale=TIME_SCALE)
        self.api = ChaosApi()
        self.store = ChaosStore()
        self.workers: list[Running] = []
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._started = 0

    def __enter__(self) -> Self:
        self.telegram.send_timeout = self.api.request_timeout = self.setup.timeout
        self.watch(Room(Script((), (), (), 0), 0.0))
        self._stack.enter_context(self.telegram)
        self._stack.enter_context(self.api)
        self._stack.enter_context(self.store)
        self.site = Site(self.folder, self._environment())
        self._stack.callback(self.site.kill)
        self.switches = Switches(self.folder)
        self.switches.plant("")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _environment(self) -> Mapping[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "CHAOS_FOLDER": str(self.folder),
            "CHAOS_STORE_URL": self.store.url,
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.redis.url,
            "CACHE_URL": self.redis.url.removesuffix("0") + "1",
            "PERMABOTS_TELEGRAM_API_URL": self.telegram.url,
            "SECRET_KEY": "tests",  # as in the settings of tests: what one process encrypts the others read
            **self.setup.environment(),
            **(self.clock.variables() if self.clock is not None else {}),
        }

    def watch(self, room: Room) -> None:
        """Have the stand-ins play by a room's script from now on."""
        self.telegram.watch(room, self.pid_of)
        self.api.watch(room, self.pid_of)
        self.store.watch(room, self.pid_of)

    def start(self) -> None:
        """Start the web server and the workers, all at once."""
        threads = [threading.Thread(target=self.start_web)]
        threads += [threading.Thread(target=self.add_worker) for _ in range(self.setup.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def start_web(self) -> None:
        self.web = self.site.start_web()

    def replace_dead(self) -> None:
        """Start a worker for each that has died, as a supervisor would: with threads a killed child is the worker."""
        with self._lock:
            dead = [worker for worker in self.workers if worker.process.poll() is not None]
            self.workers = [worker for worker in self.workers if worker not in dead]
        for _ in dead:
            self.add_worker()

    def take_worker(self) -> Running:
        """Return the oldest worker, to be killed: nobody replaces it but who has taken it."""
        with self._lock:
            return self.workers.pop(0)

    def add_worker(self) -> None:
        """Start one more worker."""
        self._started += 1
        name = f"{WORKER}{self._started}"
        worker = self.site.start_worker(name, pool=self.setup.pool, concurrency=self.setup.children)
        with self._lock:
            self.workers.append(worker)

    def children(self) -> list[int]:
        """Return the processes that do the work: the workers' children, and the workers themselves."""
        found = []
        for running in list(self.site.running):
            if running.name.startswith(WORKER) and running.process.poll() is None:
                found += [child.pid for child in psutil.Process(running.process.pid).children()]
                found.append(running.process.pid)
        return found

    def set_webhook(self, refusals: int = 0) -> None:
        """Set the webhook of the bot, as an operator does; the messenger refuses it so many times.

        A command for so many accounts is one process: naming the bot again and again has it asked as often.
        """
        self.telegram.add_fault(Fault(FaultKind.REFUSE, "setWebhook", count=refusals, description="Bad Request: busy"))
        try:
            self.site.manage("permabots_webhook", "set", *[NAME] * max(1, refusals))
        except SiteError:
            if not refusals:
                raise

    def pid_of(self, port: int, server: int) -> int:
        """Return the worker's child that holds the client's end of a connection; 0 for anybody else."""
        return owner_of(port, server, self.children())
