"""``python -m benchmarks [part…]``, ``make bench``: how fast permabots is, and what it costs; figures for people."""

from __future__ import annotations

import shutil

from benchmarks import machine, options
from benchmarks.parts import PARTS
from benchmarks.results import Results
from benchmarks.stand import started


def main() -> None:
    """Measure what the command line asks for, and write it down."""
    asked = options.read({name: part.about for name, part in PARTS.items()})
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    results = Results()
    for name in asked.parts:
        with started(asked.folder) as servers:
            results.about = machine.about(asked.trees, servers.postgres.url)
            PARTS[name].measure(servers, asked, results)
        if asked.json:
            results.save(asked.json)
    print("\n".join(results.lines()))
    if asked.results:
        asked.results.write_text("\n".join(("# Results of `make bench`", "", *results.markdown(), "")))


if __name__ == "__main__":
    main()
