"""Let a bot live in every host project, and print what came of it.

python -m tests.hosts            all of them
python -m tests.hosts WORD …     those whose names have one of the words
"""

from __future__ import annotations

import sys
import time

from tests.hosts.hosts import HOSTS, Host
from tests.hosts.life import USUAL

LAST_LINES = 25


def main(words: list[str]) -> int:
    """Run hosts one after another; returns how many did not come out as they should."""
    chosen = [host for host in HOSTS if not words or any(word.lower() in host.name.lower() for word in words)]
    wide = max(len(host.name) for host in chosen)
    failed = []
    for host in chosen:
        began = time.monotonic()
        result, output = outcome(host)
        if result == "FAILED":
            failed.append((host, output))
        steps = " ".join(host.steps or USUAL)
        print(f"{host.name:{wide}}  {steps:60}  {time.monotonic() - began:5.1f} s  {result}", flush=True)
    for host, output in failed:
        print(f"\n{host.name}\n" + "\n".join(output.splitlines()[-LAST_LINES:]))
    return len(failed)


def outcome(host: Host) -> tuple[str, str]:
    """Return what came of a host in a word or two, and what was printed."""
    if host.left_out:
        return f"left out: {host.left_out}", ""
    ran = host.live()
    return ("ok" if ran.status == 0 else "FAILED"), ran.output


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
