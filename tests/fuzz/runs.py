"""Runs of targets in processes of their own."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.finding import Finding

ROOT = Path(__file__).parents[2]
API = "rest-api"
"""The target that is no function: calls of the API over HTTP, by Schemathesis."""
_PATIENCE = 120.0
"""Seconds that a process may take beyond its time."""
_CALLS = re.compile(r"^(\d+) calls of \d+ operations", re.MULTILINE)
_EXAMPLES = "20"
"""Calls that are made up for each operation, again and again."""


@dataclass
class Result:
    """What came of a target, in all its runs.

    Args:
        name: the target's name.
        findings: by kind.
    """

    name: str
    executions: int = 0
    seconds: float = 0.0
    outcomes: int = 0
    slowest: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """A line of the table."""
        rate = self.executions / self.seconds if self.seconds else 0.0
        figures = f"{self.executions:>9,} {self.seconds:>7.0f} {rate:>8,.0f} {self.outcomes:>9} {self.slowest:>8.2f}"
        return f"{self.name[:60]:60} {figures} {len(self.findings):>8}"


HEADER = f"{'target':60} {'tries':>9} {'s':>7} {'a second':>8} {'outcomes':>9} {'longest':>8} {'findings':>8}"


def run_target(result: Result, seconds: float, seed: int, folder: Path) -> Iterator[Finding]:
    """Run a target for so long; adds to its result, and yields what is new in it."""
    run = _run_api if result.name == API else _run_child
    for finding in run(result, seconds, seed, folder):
        if finding.kind not in result.findings:
            result.findings[finding.kind] = finding
            yield finding
    result.seconds += seconds


def _run_child(result: Result, seconds: float, seed: int, folder: Path) -> Iterator[Finding]:
    command = [sys.executable, "-m", "tests.fuzz.child", result.name, str(seconds), str(seed), str(folder)]
    done, ended = _run(command, seconds)
    finished = False
    for line in done.splitlines():
        found: dict[str, Any] = json.loads(line)
        if "kind" in found:
            yield Finding(**{**found, "data": base64.b64decode(found["data"])})
            continue
        finished = True
        result.executions += found["executions"]
        result.outcomes = max(result.outcomes, found["outcomes"])
        result.slowest = max(result.slowest, found["slowest"])
    if not finished:
        yield Finding(result.name, ended.partition(":")[0], ended, _current(folder / f"current-{result.name}"))


def _run_api(result: Result, seconds: float, _seed: int, folder: Path) -> Iterator[Finding]:
    # On PostgreSQL: this process itself has the settings of the SQLite lane, for its targets.
    limits = {"PERMABOTS_FUZZ_EXAMPLES": _EXAMPLES, "PERMABOTS_FUZZ_SECONDS": str(seconds)}
    limits["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    command = [sys.executable, "runtests.py", "-q", "-s", "tests.api.fuzz"]
    said, ended = _run(command, seconds, limits)
    (folder / "rest-api.log").write_text(said)
    if calls := _CALLS.search(said):
        result.executions += int(calls[1])
    if ended or not calls:
        yield Finding(API, "failed", f"see {folder / 'rest-api.log'}", said[-4_000:].encode())


def _run(command: list[str], seconds: float, more: dict[str, str] | None = None) -> tuple[str, str]:
    """Run a command; returns what it wrote, and how it ended where that was not well."""
    environment = {**os.environ, **(more or {})}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            said, _ = process.communicate(timeout=seconds + _PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[0], "hang: it sleeps or waits"
    if process.returncode == 0:
        return said, ""
    return said, f"status {process.returncode}: the process was ended (by signal {-process.returncode}: 27 is the time)"


def _current(path: Path) -> bytes:
    """Return the input that a process died of."""
    if not path.exists():
        return b""
    kept = path.read_bytes()
    return kept[4 : 4 + int.from_bytes(kept[:4], "big")]
