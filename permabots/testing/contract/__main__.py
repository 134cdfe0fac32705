"""``python -m permabots.testing.contract package.module.Class``: how much of the contract is checked."""

from __future__ import annotations

import sys
from importlib import import_module

import django

from permabots.testing.contract.running import run


def main(paths: list[str]) -> int:
    """Run each named subclass of the contract and print its counts; the settings are those of the environment."""
    django.setup()
    for path in paths:
        module, _, name = path.rpartition(".")
        suite = getattr(import_module(module), name)
        sys.stdout.write(f"{suite.provider.slug}: {run(suite)}\n")
    return 0 if paths else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
