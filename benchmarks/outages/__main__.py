"""``python -m benchmarks.outages [--quick] [name…]``: plays scenarios of outages and prints what they cost."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import django

from benchmarks.outages.stand import QUICK, Size, Stand
from demo.site import ROOT
from tests.chaos.database import DurablePostgres
from tests.servers import Redis

NAMES = (
    "redis-flush",
    "redis-stop",
    "redis-pause",
    "postgres-stop",
    "postgres-pause",
    "postgres-30s",
    "flood",
    "metrics",
)


def main() -> int:
    """Play the scenarios; returns 1 where a promise was broken."""
    options = read_options()
    shutil.rmtree(options.folder, ignore_errors=True)
    with (
        DurablePostgres() as postgres,
        Redis() as redis,
        Stand(postgres, redis, postgres.createdb("outages"), options.folder) as stand,
    ):
        site = stand.site({})
        site.manage("migrate", "--verbosity", "0")
        os.environ.update(site.variables())
        django.setup()
        return play(stand, options.names or NAMES, QUICK if options.quick else Size())


def play(stand: Stand, names: Iterable[str], size: Size) -> int:
    """Play scenarios one after another and print what they found."""
    from benchmarks.outages.scenarios import SCENARIOS  # noqa: PLC0415 - rows exist once Django is set up

    kept = True
    began = time.monotonic()
    for name in names:
        say(f"\n== {name}\n")
        result = SCENARIOS[name](stand, size)
        say("\n".join(result.lines()))
        kept = kept and not result.broken and not result.late
    say(f"\n{time.monotonic() - began:.0f} s. Logs: {stand.folder}")
    return 0 if kept else 1


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outages", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--folder", type=Path, default=ROOT / ".state" / "outages", help="for logs; emptied first")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    return options


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
