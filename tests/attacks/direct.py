"""A process in which an entry is evaluated without the doors before it, in its main thread or in another one."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from demo.site import ROOT
from tests.attacks import hanging
from tests.attacks.entries import Entry
from tests.attacks.measuring import ProcessDied
from tests.attacks.verdict import Seen

EVALUATOR = "tests.attacks.evaluator:evaluate"


class Direct:
    """The process. It is started when it is needed.

    Args:
        thread: whether it evaluates in a thread, as a worker of the threads pool does.
        environment: variables beyond this process's own.
        evaluator: what evaluates: takes the fields of an `Entry`, returns those of a `Seen`.
    """

    def __init__(self, *, thread: bool, environment: dict[str, str], evaluator: str = EVALUATOR) -> None:
        self._command = [sys.executable, "-m", "tests.attacks.child", evaluator, *(["--thread"] if thread else [])]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process, started and warm."""
        return self._running().pid

    def ask(self, entry: Entry) -> Seen:
        """Evaluate an entry.

        Raises:
            Hung: it takes too long.
            ProcessDied: the process ended.
        """
        return self._ask(entry, hanging.PATIENCE)

    def _ask(self, entry: Entry, patience: float) -> Seen:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(asdict(entry)).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], patience)[0]:
            raise hanging.Hung
        answer = process.stdout.readline()
        if not answer:
            raise ProcessDied(f"it ended with status {process.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return Seen(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})

    def end(self) -> None:
        """End the process; the next question starts a new one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdin=pipe, stdout=pipe)
            self._ask(Entry("templates", "warm-up", "text", "error", "{{ pattern.x|upper }}"), hanging.START)
        return self._process
