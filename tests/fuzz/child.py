"""``python -m tests.fuzz.child target seconds seed folder``: one target for so long, within limits. Prints JSON lines.

The input that is being tried is always in the folder, so that it is known when this process is ended: by its limit of
memory it is not (a `MemoryError` is a finding like others), by its limit of processor time for one input it is.
"""

from __future__ import annotations

import base64
import json
import os
import random
import resource
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests import network

HANGS = 20.0
"""Seconds of processor time after which an input is given up, with its process."""
_MEMORY = 400_000_000
"""Bytes of address space that inputs may take, and what is cached of them."""


def main(name: str, seconds: str, seed: str, folder: str) -> None:
    """Run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_sqlite")
    from tests.fuzz.loop import Loop  # noqa: PLC0415 - once it is known where the settings are
    from tests.fuzz.targets import ALL  # noqa: PLC0415 - as above

    network.install()
    current = (Path(folder) / f"current-{name}").open("wb", buffering=0)

    def before(data: bytes) -> None:
        current.seek(0)
        current.write(len(data).to_bytes(4, "big") + data)
        signal.setitimer(signal.ITIMER_PROF, HANGS)

    loop = Loop(ALL[name], random.Random(int(seed)), before)
    _limit_memory()
    end = time.monotonic() + float(seconds)
    for finding in loop.run(lambda: time.monotonic() > end):
        _say(asdict(finding) | {"data": base64.b64encode(finding.data).decode()})
    _say({"executions": loop.executions, "outcomes": len(loop.outcomes), "slowest": loop.slowest})


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + _MEMORY, resource.RLIM_INFINITY))


def _say(found: object) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
