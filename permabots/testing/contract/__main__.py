"""``python -m permabots.testing.contract package.module.Class``: how much of the contract is checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module

import django
from django.test.runner import DiscoverRunner

from permabots.testing.contract.running import run


def main(paths: list[str]) -> int:
    """Run each named subclass of the contract and print its counts; the settings are those of the environment.

    A provider without a webhook stores its messages: its suite has a test database while it runs.
    """
    django.setup()
    for path in paths:
        module, _, name = path.rpartition(".")
        suite = getattr(import_module(module), name)
        with nullcontext() if suite.provider.has_webhook else database():
            sys.stdout.write(f"{suite.provider.slug}: {run(suite)}\n")
    return 0 if paths else 2


@contextmanager
def database() -> Iterator[None]:
    """Have the project's databases be empty ones for tests, named as Django names them."""
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
