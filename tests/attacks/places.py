"""A process that has to withstand, and the engine by itself as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import requests

from tests.attacks import hanging
from tests.attacks.direct import EVALUATOR, Direct
from tests.attacks.entries import Entry
from tests.attacks.measuring import ProcessDied, Watch, memory
from tests.attacks.verdict import PROCESS_SECRET, Bounds, Canaries, Finding, Seen, reached

WARM = Entry("templates", "warm-up", "text", "error", "{% for c in pattern.x %}{{ c|upper }}{% endfor %}", "warm", "{}")


class Place(ABC):
    """A process, replaced when it has died, hangs, or has taken so much memory that the next entry would find it free.

    Args:
        canaries: what nobody may get at.
        words: what the words in capitals of entries stand for.
        bounds: what is allowed.
    """

    name = ""

    def __init__(self, canaries: Canaries, words: dict[str, str], bounds: Bounds) -> None:
        self._canaries, self._words, self._bounds = canaries, words, bounds
        self._warm = 0.0

    @abstractmethod
    def pid(self) -> int:
        """Return the process that does the work, which is started if it is not there."""

    @abstractmethod
    def end(self) -> None:
        """End the process."""

    @abstractmethod
    def take(self, entry: Entry, watch: Watch) -> Seen:
        """Have the process deal with an entry."""

    def attack(self, entry: Entry) -> Finding:
        """Have the process deal with an entry, and measure it."""
        watch = Watch(self._ready())
        entry = entry.filled(self._words)
        died = True
        try:
            seen = self.take(entry, watch)
            grown, died = memory(watch.pid)[0] - self._warm, False
        except hanging.Hung:
            seen = Seen(f"hung: ended after {hanging.PATIENCE:g} s")
        except (ProcessDied, requests.ConnectionError) as error:
            seen = Seen(f"died: {type(error).__name__} {error}")
        finding = Finding(entry, self.name, seen.outcome, watch.cpu, watch.wall, watch.megabytes, died=died)
        finding.reached, finding.unforeseen = reached(entry, seen, self._canaries), seen.unforeseen
        if died or grown > self._bounds.megabytes / 2:
            self._renew()
        return finding

    def _ready(self) -> int:
        pid = self.pid()
        if not self._warm:
            for _ in range(3):
                self.take(WARM, Watch(pid))
            self._warm = memory(pid)[0]
        return pid

    def _renew(self) -> None:
        self.end()
        self._warm = 0.0


class DirectPlace(Place):
    """The engine by itself, in the main thread of a process or in another one, as in a worker of either pool."""

    def __init__(self, *about: Any, pool: str, evaluator: str = EVALUATOR) -> None:
        super().__init__(*about)
        self.name = f"{pool}, direct"
        secret = {PROCESS_SECRET: self._canaries.secrets[0]}
        self._direct = Direct(thread=pool == "threads", environment=secret, evaluator=evaluator)

    def pid(self) -> int:
        return self._direct.pid

    def end(self) -> None:
        self._direct.end()

    def take(self, entry: Entry, watch: Watch) -> Seen:
        with watch.step():
            return self._direct.ask(entry)
