"""``python -m benchmarks [part…]``, ``make bench``: how fast permabots is, and what it costs; figures for people."""

from __future__ import annotations

import shutil
import signal
import sys

from benchmarks import machine, options
from benchmarks.parts import PARTS
from benchmarks.results import Results, loaded
from benchmarks.stand import started


def main() -> None:
    """Measure what the command line asks for, and write it down."""
    asked = options.read({name: part.about for name, part in PARTS.items()})
    results = Results()
    if asked.earlier:
        for path in asked.earlier:
            results.take_in(loaded(path))
    else:
        measure(asked, results)
    print("\n".join(results.lines()))
    if asked.results:
        asked.results.write_text("\n".join(("# What `make bench` measured", "", *results.markdown(), "")))


def measure(asked: options.Options, results: Results) -> None:
    """Measure the parts, each with new servers; what was found is saved after each."""
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    for name in asked.parts:
        with started(asked.folder) as servers:
            results.about = machine.about(asked.trees, servers.postgres.url)
            PARTS[name].measure(servers, asked, results)
        if asked.json:
            results.save(asked.json)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # what was started ends in good order
    main()
