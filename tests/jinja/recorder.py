"""A plugin of pytest that puts our templates into Jinja's tests and holds what comes of them against the table."""

from __future__ import annotations

import sys
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.jinja import adapter

TABLE = Path(__file__).with_name("outcomes.txt")

PASSED, ABSENT, DIFFERS, UNEXPLAINED = "passed", "does not apply", "differs", "UNEXPLAINED"

_REPLACED = {
    "Environment": adapter.Environment,
    "SandboxedEnvironment": adapter.Environment,
    "ImmutableSandboxedEnvironment": adapter.Environment,
    "Template": adapter.Template,
}


def read_table(text: str) -> dict[str, tuple[str, str]]:
    """Return, for each test or file of the table, what becomes of it and why."""
    table: dict[str, tuple[str, str]] = {}
    outcome = reason = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        if line.startswith("["):
            outcome, _, reason = line.strip("[]").partition(": ")
            if outcome not in (ABSENT, DIFFERS) or (outcome == ABSENT and reason not in adapter.ABSENT):
                raise ValueError(f"{TABLE.name}: {line} is no outcome")
        elif table.setdefault(line, (outcome, reason)) != (outcome, reason):
            raise ValueError(f"{TABLE.name}: {line} is there twice")
    return table


@dataclass(eq=False)
class Recorder:
    """What has become of every test, and which entries of the table are not true any more."""

    table: dict[str, tuple[str, str]] = field(default_factory=lambda: read_table(TABLE.read_text()))
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    stale: list[str] = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        # Tests of async look at it to be collected, and are not run.
        trio = sys.modules.setdefault("trio", ModuleType("trio"))
        trio.run = None  # type: ignore[attr-defined]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            raise RuntimeError(f"{report.nodeid} cannot be collected: {report.longreprtext}")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        modules = {item.getparent(pytest.Module).obj for item in items}  # type: ignore[union-attr]
        conftests = {it for it in config.pluginmanager.get_plugins() if getattr(it, "__name__", "") == "conftest"}
        for module in modules | conftests:
            for name in _REPLACED.keys() & vars(module).keys():
                setattr(module, name, _REPLACED[name])
        for item in items:
            if (file := self._name(item).partition("::")[0]) in self.table:
                item.add_marker(pytest.mark.skip(reason=self.table[file][1]))
                self.used.add(file)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
        report = yield
        name = self._name(item)
        if call.when == "setup":
            adapter.Counter.made = 0
        if call.excinfo is not None or call.when == "call":
            self.outcomes[name] = self._judged(name, report, call)
        return report

    def _judged(self, name: str, report: pytest.TestReport, call: pytest.CallInfo[None]) -> tuple[str, str]:
        if report.skipped and str(call.excinfo.value) in adapter.ABSENT:  # type: ignore[union-attr]
            return ABSENT, str(call.excinfo.value)  # type: ignore[union-attr]
        entry = next((key for key in (name, name.partition("[")[0]) if key in self.table), None)
        if report.passed and adapter.Counter.made:
            if entry == name:
                self.stale.append(f"{name}: it passes")
            return PASSED, ""
        if entry is None:
            said = str(call.excinfo.value) if call.excinfo else "it passes without a template of ours"
            return UNEXPLAINED, " ".join(said.split())
        self.used.add(entry)
        return self.table[entry]

    def unused(self) -> list[str]:
        """Return what the table says wrongly."""
        passing = {line.partition(":")[0] for line in self.stale}
        return self.stale + [f"{name}: nothing needs it" for name in self.table.keys() - self.used - passing]

    def by_file(self) -> Tally[tuple[str, str]]:
        """Return how many tests there are of each file and outcome."""
        return Tally((name.partition("::")[0], outcome) for name, (outcome, _) in self.outcomes.items())

    @staticmethod
    def _name(item: pytest.Item) -> str:
        return item.nodeid.rpartition("tests/")[2]
