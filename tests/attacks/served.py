"""The processes of an installation that have to withstand: the web server, and a worker of each pool."""

from __future__ import annotations

from typing import Any

import psutil

from tests.attacks.entries import Entry
from tests.attacks.house import House
from tests.attacks.measuring import Watch
from tests.attacks.places import DirectPlace, Place
from tests.attacks.rooms import ROOMS
from tests.attacks.verdict import Finding, Seen


class WebPlace(Place):
    """The process behind the web server."""

    name = "web"

    def __init__(self, *about: Any, house: House) -> None:
        super().__init__(*about)
        self._house = house

    def pid(self) -> int:
        (child,) = psutil.Process(self._house.web.process.pid).children()
        return child.pid

    def end(self) -> None:
        self._house.replace_web()
        self._house.renew_bot()

    def take(self, entry: Entry, watch: Watch) -> Seen:
        room = ROOMS[entry.room]
        seen = room.in_web(self._house, entry, watch)
        room.tidy(self._house, entry)
        return seen


class WorkerPlace(Place):
    """The child of a worker with processes, or a worker with threads. What is never saved is evaluated beside it."""

    def __init__(self, *about: Any, house: House, pool: str) -> None:
        super().__init__(*about)
        self.name = pool
        self._house = house
        self._beside = DirectPlace(*about, pool=pool)
        self._worker = house.start_worker(pool)

    def pid(self) -> int:
        worker = psutil.Process(self._worker.process.pid)
        return worker.children()[0].pid if self.name == "prefork" else worker.pid

    def end(self) -> None:
        self._house.kill_worker(self._worker)
        self._worker = self._house.start_worker(self.name)

    def close(self) -> None:
        """End the worker and what is beside it."""
        self._beside.end()
        self._house.kill_worker(self._worker)

    def attack(self, entry: Entry) -> Finding:
        finding = super().attack(entry)
        return finding if finding.outcome else self._beside.attack(entry)

    def take(self, entry: Entry, watch: Watch) -> Seen:
        room = ROOMS[entry.room]
        seen = room.in_worker(self._house, entry, watch)
        room.tidy(self._house, entry)
        return seen or Seen("")
