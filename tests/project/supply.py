"""``python -m tests.project.supply``: known vulnerabilities and licences of what permabots brings along.

What is looked at is what an installation has: the runtime requirements and the extras, with all that these need, in the
versions that are installed here. Vulnerabilities are asked of the Python Package Index, by pip-audit; where it does not
answer they are left out, which is said and is no failure. Licences are read from the packages, by pip-licenses.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import requests
from packaging.requirements import Requirement

PROBE = "https://pypi.org/pypi/Django/json"
"""What pip-audit asks for, of one package: a mirror may have files only."""
PATIENCE = 10
REFUSED = re.compile(r"\b(?:AGPL|GPL|Affero|SSPL|BUSL|Commons Clause|Non-?Commercial|UNKNOWN)\b", re.IGNORECASE)
"""Licences under which permabots could not be handed on as it is; the LGPL is none of them."""
EXTRAS = ("demo", "metrics", "openapi")


def main() -> int:
    """Check both; returns 1 where something has to be done."""
    found = sorted({name.lower() for name in needed("permabots", EXTRAS)})
    return max(licences(found), vulnerabilities(found))


def needed(name: str, extras: tuple[str, ...] = (), seen: set[str] | None = None) -> Iterator[str]:
    """Yield the names of all packages that a package needs here, with these of its extras."""
    seen = set() if seen is None else seen
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        markers = [{"extra": extra} for extra in ("", *extras)]
        if wanted.name in seen or (wanted.marker and not any(map(wanted.marker.evaluate, markers))):
            continue
        seen.add(wanted.name)
        try:
            distribution(wanted.name)
        except PackageNotFoundError:
            continue  # an extra that is not installed here
        yield wanted.name
        yield from needed(wanted.name, tuple(wanted.extras), seen)


def licences(names: list[str]) -> int:
    """Print each package's licence; returns 1 where one is refused."""
    command = ["-m", "piplicenses", "--from=mixed", "--format=csv", "--with-system", "--packages", *names]
    printed = _run(*command).stdout
    print(f"Licences of {len(names)} packages:\n{printed}")
    refused = [line for line in printed.splitlines()[1:] if REFUSED.search(line.partition(",")[2])]
    if refused:
        print("Licences that permabots cannot be handed on with:", *refused, sep="\n  ")
    return 1 if refused else 0


def vulnerabilities(names: list[str]) -> int:
    """Ask the index for what is known of each package; returns 1 where something is."""
    try:
        requests.get(PROBE, timeout=PATIENCE).raise_for_status()
    except requests.RequestException as error:
        print(
            f"left out: vulnerabilities, since the Python Package Index does not answer here ({type(error).__name__})"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        pinned, answer = Path(folder) / "requirements.txt", Path(folder) / "answer.json"
        pinned.write_text("".join(f"{name}=={distribution(name).version}\n" for name in names))
        exact = ("--disable-pip", "--no-deps", "-r", str(pinned))
        done = _run("-m", "pip_audit", "--progress-spinner=off", *exact, "-f", "json", "-o", str(answer))
        found: list[dict[str, Any]] = json.loads(answer.read_text())["dependencies"] if answer.exists() else []
    if not found:
        print(f"left out: vulnerabilities, since pip-audit did not get through:\n{done.stderr[-1000:]}")
        return 0
    return _told(found)


def _told(found: list[dict[str, Any]]) -> int:
    """Print what pip-audit found; returns 1 where a package has a vulnerability."""
    skipped = [one["name"] for one in found if "skip_reason" in one]
    known = [f"{one['name']} {one['version']}: {bug['id']}" for one in found for bug in one.get("vulns", ())]
    print(f"Vulnerabilities: {len(found) - len(skipped)} packages looked up, {len(known)} known")
    if skipped:
        print(f"left out, since the index does not know them in this version: {', '.join(skipped)}")
    for line in known:
        print(f"  {line}")
    return 1 if known else 0


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
