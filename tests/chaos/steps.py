"""What happens to whole servers in a run."""

from __future__ import annotations

import re
import threading
import time

import psutil

from tests.chaos.accounting.script import Script, Step
from tests.chaos.clock import READ_EVERY
from tests.chaos.machine import Machine
from tests.chaos.room import Room


class Steps(threading.Thread):
    """Carries out the steps of a script, one after another, each when so many messages have been said.

    Args:
        machine: what they happen to.
        room: where they are noted.
        script: what is to happen.
    """

    def __init__(self, machine: Machine, room: Room, script: Script) -> None:
        super().__init__(name="steps", daemon=True)
        self._machine = machine
        self._room = room
        self._script = script

    def run(self) -> None:
        for step in self._script.steps:
            self._room.wait_for_said(step.after)
            self.take(step)

    def take(self, step: Step) -> None:
        """Carry out one step."""
        began = time.monotonic()
        getattr(self, "_" + re.sub(r"\W+", "_", step.kind.lower()))(step.seconds)
        self._room.note(step.kind, began)

    def _worker_killed(self, _: float) -> None:
        worker = self._machine.take_worker()
        pids = frozenset(child.pid for child in psutil.Process(worker.process.pid).children())
        now = time.monotonic()
        worker.kill()
        self._room.note("child killed with its worker", now, pids)
        self._machine.add_worker()

    def _worker_s_main_process_killed(self, _: float) -> None:
        """Its children go with it, in the middle of a turn too: Celery has the kernel kill them."""
        worker = self._machine.take_worker()
        pids = frozenset(child.pid for child in psutil.Process(worker.process.pid).children())
        now = time.monotonic()
        worker.process.kill()
        worker.process.wait()
        self._room.note("child killed with its worker", now, pids)
        self._machine.add_worker()

    def _web_killed(self, _: float) -> None:
        for child in psutil.Process(self._machine.web.process.pid).children():
            child.kill()

    def _web_killed_between_insert_and_answer(self, _: float) -> None:
        """While the broker does not answer, a webhook waits between its commit and its 200."""
        self._machine.redis.pause()
        try:
            time.sleep(0.3)
            self._web_killed(0.0)
        finally:
            self._machine.redis.resume()

    def _postgresql_crashed(self, seconds: float) -> None:
        self._machine.postgres.crash()
        time.sleep(seconds)
        self._machine.postgres.start()

    def _postgresql_read_only(self, seconds: float) -> None:
        """It answers, and takes nothing."""
        self._machine.postgres.read_only = True
        self._machine.postgres.restart()
        time.sleep(seconds)
        self._machine.postgres.read_only = False
        self._machine.postgres.restart()

    def _postgresql_paused(self, seconds: float) -> None:
        self._machine.postgres.pause()
        time.sleep(seconds)
        self._machine.postgres.resume()

    def _redis_restarted(self, seconds: float) -> None:
        self._machine.redis.stop()
        time.sleep(seconds)
        self._machine.redis.start()

    def _redis_emptied(self, _: float) -> None:
        self._machine.redis.flush()

    def _redis_paused(self, seconds: float) -> None:
        self._machine.redis.pause()
        time.sleep(seconds)
        self._machine.redis.resume()

    def _postgresql_s_disk_full(self, seconds: float) -> None:
        """It refuses what takes more room, and ends where its journal does; with room again it goes on."""
        self._machine.postgres.disk.fill()
        time.sleep(seconds)
        self._machine.postgres.disk.empty()
        self._machine.postgres.recover()

    def _clock_set_ahead(self, seconds: float) -> None:
        if (clock := self._machine.clock) is None:
            raise ValueError("the clock of this machine cannot be set")
        clock.set(clock.ahead + seconds)
        time.sleep(READ_EVERY)

    def _clock_set_back(self, seconds: float) -> None:
        self._clock_set_ahead(-seconds)

    def _webhook_set_refused_twice(self, _: float) -> None:
        """Whoever has refused a new secret twice goes on with the one it has; then it takes another."""
        self._machine.set_webhook(refusals=2)
        self._machine.set_webhook()

    def _user_api_down(self, seconds: float) -> None:
        self._machine.api.stop()
        time.sleep(seconds)
        self._machine.api.start()
