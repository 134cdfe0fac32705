"""``python -m tests.attacks``: has hostile inputs go through the product, and prints what each of them costs."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

from demo.site import ROOT, Site
from tests.attacks.entries import FOLDER, Entry, read
from tests.attacks.places import DirectPlace
from tests.attacks.report import HEADER, line, summary
from tests.attacks.verdict import Bounds, Canaries, Finding
from tests.servers import Postgres, Redis

PLACES = ("web", "prefork", "threads")
POOLS = PLACES[1:]
TABLES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def main() -> int:
    """Run; returns 1 where a bound was broken."""
    options = read_options()
    entries = chosen(options)
    bounds = Bounds(options.seconds, options.megabytes)
    began, findings = time.monotonic(), []
    shutil.rmtree(options.folder, ignore_errors=True)
    say(HEADER)
    for finding in (direct if options.direct else through_the_doors)(entries, options, bounds):
        findings.append(finding)
        if finding.broken(bounds) or not options.quiet:
            say(line(finding, bounds))
    say("\n".join(summary(findings, bounds)))
    allowed = f"{bounds.seconds:g} s, {bounds.megabytes:g} MB"
    say(f"{time.monotonic() - began:.0f} s. Bounds: {allowed}. Logs: {options.folder}")
    return 1 if any(finding.broken(bounds) for finding in findings) else 0


def chosen(options: argparse.Namespace) -> list[Entry]:
    """Return the entries that are asked for."""
    entries = [entry for room in options.rooms for entry in read(room)]
    wanted = [re.compile(name) for name in options.names]
    return [
        entry
        for entry in entries
        if (not wanted or any(name.search(entry.name) for name in wanted))
        and (not options.faults or entry.fault in options.faults)
    ]


def direct(entries: list[Entry], options: argparse.Namespace, bounds: Bounds) -> Iterator[Finding]:
    """Try entries on the engine alone: no servers, no doors."""
    options.folder.mkdir(parents=True)
    canaries = Canaries((secrets.token_hex(8),), options.folder / "marker")
    words = {"API": "http://127.0.0.1:9", "HOST": "127.0.0.1:9", "ELSEWHERE": "127.0.0.1:8"}
    words["MARKER"] = str(canaries.marker)
    for pool in [place for place in options.places if place in POOLS]:
        place = DirectPlace(canaries, words, bounds, pool=pool)
        try:
            yield from map(place.attack, entries)
        finally:
            place.end()


def through_the_doors(entries: list[Entry], options: argparse.Namespace, bounds: Bounds) -> Iterator[Finding]:
    """Try entries on a whole installation, in one place after another."""
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        servers = {
            "DATABASE_URL": postgres.createdb("attacks"),
            "CELERY_BROKER_URL": redis.url,
            "CACHE_URL": redis.url.removesuffix("0") + "1",
        }
        site = Site(options.folder, servers)
        site.manage("migrate", "--verbosity", "0")
        os.environ.update(site.variables())
        django.setup()
        from tests.attacks.house import House  # noqa: PLC0415 - rows exist once Django is set up

        house = stack.enter_context(House(options.folder, servers))
        house.open()
        for name in options.places:
            yield from _in(name, house, entries, bounds)


def _in(name: str, house: Any, entries: list[Entry], bounds: Bounds) -> Iterator[Finding]:
    from tests.attacks.served import WebPlace, WorkerPlace  # noqa: PLC0415 - as above

    about = (house.canaries, house.words(), bounds)
    if name == "web":
        yield from map(WebPlace(*about, house=house).attack, entries)
        return
    place = WorkerPlace(*about, house=house, pool=name)
    try:
        yield from map(place.attack, entries)
    finally:
        place.close()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="a part of the names of entries; default: all entries")
    parser.add_argument("--places", type=_words(PLACES), default=PLACES, help=f"of {','.join(PLACES)}; default: all")
    parser.add_argument("--rooms", type=_words(TABLES), default=TABLES, help=f"of {','.join(TABLES)}; default: all")
    parser.add_argument("--faults", type=lambda text: text.split(","), default=(), help="of the table; default: all")
    parser.add_argument("--direct", action="store_true", help="the engine alone: no servers, no web place, in a minute")
    parser.add_argument("--quiet", action="store_true", help="print what broke a bound only")
    parser.add_argument("--seconds", type=float, default=Bounds().seconds, help="of processor time, and of time")
    parser.add_argument("--megabytes", type=float, default=Bounds().megabytes, help="of new memory")
    parser.add_argument("--folder", type=Path, default=ROOT / ".state" / "attacks", help="for logs; emptied first")
    return parser.parse_args()


def _words(known: tuple[str, ...]) -> Any:
    def words(text: str) -> tuple[str, ...]:
        if unknown := set(text.split(",")) - set(known):
            raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
        return tuple(text.split(","))

    return words


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
