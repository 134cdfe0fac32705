"""The first minute, by the clock: ``python -m tests.hosts.first_minute`` (``make first-minute``).

In an empty folder with a copy of this clone it follows the README: an environment, pip, a project, its settings, the
example, the server; then it says hello, and prints how long each step took, and all of it from ``pip install`` on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from demo.site import free_port, is_free
from tests.hosts.readme import ROOT, SERVER, Newcomer, steps, talk

PORT = 8000
FORBIDDEN = ("Traceback", "not published", "WARNING permabots", "locked")
"""What the server may not have printed."""


def main() -> int:
    """Follow the README; returns the exit status."""
    with tempfile.TemporaryDirectory(prefix="permabots-first-minute-") as name:
        folder = Path(name)
        copy_clone(folder / "permabots")
        newcomer = Newcomer(folder, clean_environment(folder))
        began = time.monotonic()
        for step in steps():
            if step.text.startswith("pip install"):
                began = time.monotonic()
            if step.text == SERVER:
                break
            start = time.monotonic()
            newcomer.follow(step)
            print(f"{time.monotonic() - start:6.1f} s  {step.file or step.text}", flush=True)
        print(newcomer.printed, end="")
        start = time.monotonic()
        log = folder / "server.log"
        with newcomer.serving(PORT if is_free(PORT) else free_port(), log) as address:
            print(f"{time.monotonic() - start:6.1f} s  {SERVER}", flush=True)
            start = time.monotonic()
            answer = talk(address, "hello")
            ended = time.monotonic()
        print(f"{ended - start:6.1f} s  hello -> {answer.text.splitlines()[0]}")
        print(f"{ended - began:6.1f} s from pip install to the answered message")
        bad = [line for line in log.read_text().splitlines() if any(word in line for word in FORBIDDEN)]
        print("\n".join(bad))
    return 0 if "Welcome to" in answer.text and not bad else 1


def copy_clone(target: Path) -> None:
    """Copy what a clone of this repository has."""
    git = shutil.which("git") or "git"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target / name)


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the environment of somebody who has just logged in, with what this machine needs to reach an index."""
    kept = ("PIP_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "LANG")
    values = {name: value for name, value in os.environ.items() if name.startswith(kept)}
    python = Path(sys.base_prefix) / "bin"
    return {**values, "HOME": str(folder), "PATH": f"{python}:/usr/local/bin:/usr/bin:/bin"}


if __name__ == "__main__":
    sys.exit(main())
