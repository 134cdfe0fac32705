"""``python -m tests.fuzz``: tries inputs that nobody thought of for so many minutes, and prints what was found."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.finding import Finding
from tests.fuzz.runs import API, HEADER, ROOT, Result, run_target

FOLDER = ROOT / ".state" / "fuzz"
_API_SHARE = 0.2
"""The part of the time that the API gets, where there are other targets."""
_SLICE = 30.0
"""Seconds of one run of a target: what is cached of its inputs is forgotten with its process."""
_START = 2.0
"""Seconds that a process takes to start."""


def main() -> int:
    """Run; returns 1 where something was found."""
    options = read_options()
    options.folder.mkdir(parents=True, exist_ok=True)
    results = [Result(name) for name in names(options.names)]
    say(f"{len(results)} targets, {options.minutes:g} minutes, --seed {options.seed}")
    try:
        for finding in fuzz(results, options.minutes * 60, options.seed, options.folder):
            tell(finding, options.folder)
    except KeyboardInterrupt:
        say("stopped")
    say("\n".join(["", HEADER, *(result.line for result in results)]))
    tries, found = sum(one.executions for one in results), sum(len(one.findings) for one in results)
    say(f"\n{tries:,} tries, {found} findings. Their inputs: {options.folder}")
    return 1 if found else 0


def fuzz(results: list[Result], seconds: float, seed: int, folder: Path) -> Iterator[Finding]:
    """Run targets in turn, again and again, until the time is over; yields what is found."""
    end = time.monotonic() + seconds
    functions = [result for result in results if result.name != API]
    for result in results:
        if result.name == API:
            yield from run_target(result, seconds * (_API_SHARE if functions else 1.0), seed, folder)
    if not functions:
        return
    rounds = max(1, round((end - time.monotonic()) / len(functions) / _SLICE))
    turns = [(number, result) for number in range(rounds) for result in functions]
    for done, (number, result) in enumerate(turns):
        left = end - time.monotonic()
        if left < 0 and number > 0:
            return  # a machine that is busy starts processes late: each target has had its turn
        share = left / (len(turns) - done) - _START
        yield from run_target(result, max(1.0, share), seed + number, folder)


def names(words: list[str]) -> list[str]:
    """Return the names of the targets that are asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_sqlite")
    from tests.fuzz.targets import ALL  # noqa: PLC0415 - once it is known where the settings are

    found = [name for name in [API, *ALL] if not words or any(word in name for word in words)]
    if not found:
        sys.exit(f"no target has {' or '.join(words)} in its name; there are {', '.join([API, *ALL])}")
    return found


def tell(finding: Finding, folder: Path) -> None:
    """Print a finding, and keep its input."""
    path = folder / f"{finding.target}-{hashlib.sha256(finding.data).hexdigest()[:12]}"
    path.write_bytes(finding.data)
    say(f"FOUND {finding.target}: {finding.kind}: {finding.words}")
    say(f"  {len(finding.data)} bytes, {path}: {finding.data[:200]!r}")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="word", help="parts of the names of targets; default: all targets")
    parser.add_argument("--minutes", type=float, default=5.0, help="of all targets together; default: 5")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="begins the same way again"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the inputs of what is found")
    return parser.parse_args()


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
