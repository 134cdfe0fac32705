"""``python -m benchmarks.slow_api [--seconds 30] [prefork] [threads]``: what one bot's hanging API costs another bot.

One bot takes 20 messages a second and makes a request to an API that is well for each. It talks alone at first; then
beside another bot, of 30 people who write at once and 5 times a second from then on, whose API is well too; then the
same while that API hangs. PostgreSQL, Redis, a web process, one worker; everything is set as it comes, but for
Telegram's rates, which are off. The stand-ins run in this process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys

import django

from benchmarks.outages.stand import Stand
from demo.site import ROOT
from tests.servers import Postgres, Redis

POOLS = {"prefork": 4, "threads": 8}
"""The pools, and how much a worker of each does at a time."""
FOLDER = ROOT / ".state" / "slow_api"


def main() -> int:
    """Measure; returns 1 where a message was lost."""
    options = read_options()
    shutil.rmtree(FOLDER, ignore_errors=True)
    with (
        Postgres() as postgres,
        Redis() as redis,
        Stand(postgres, redis, postgres.createdb("slow_api"), FOLDER) as stand,
    ):
        site = stand.site({})
        site.manage("migrate", "--verbosity", "0")
        os.environ.update(site.variables())
        django.setup()
        from benchmarks.slow_api.party import measure  # noqa: PLC0415 - rows exist once Django is set up

        lost = [measure(stand, pool, POOLS[pool], options.seconds) for pool in options.pools or POOLS]
    return 1 if any(lost) else 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow_api", description=__doc__)
    parser.add_argument("pools", nargs="*", help=f"of {', '.join(POOLS)}; default: all")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each of the three talks")
    options = parser.parse_args()
    if unknown := set(options.pools) - set(POOLS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())
