"""Fetch Jinja's source distribution, run its tests against our templates, and tell what came of each.

Ends with status 1 where an outcome is not explained by ``outcomes.txt``, or where that table is not true.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from tests.jinja.recorder import ABSENT, DIFFERS, PASSED, UNEXPLAINED, Recorder

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "jinja"
NAME = "jinja2-3.1.6"
CHECKSUM = "0137fb05990d35f1275a587e9aee6d56da821fc83491a0fb838183be43f66d6d"
OUTCOMES = (PASSED, ABSENT, DIFFERS, UNEXPLAINED)


def fetched() -> Path:
    """Return the folder of Jinja's source distribution, downloaded unless it is there."""
    archive = FOLDER / f"{NAME}.tar.gz"
    if not archive.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["download", "-q", "--no-binary", ":all:", "--no-deps", "-d", str(FOLDER), NAME.replace("-", "==")]
        subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != CHECKSUM:
        sys.exit(f"{archive} is not what it should be: remove it")
    with tarfile.open(archive) as opened:
        opened.extractall(FOLDER, filter="data")
    return FOLDER / NAME


def run(folder: Path, arguments: list[str]) -> Recorder:
    """Run the tests, in a silent pytest of their own."""
    recorder = Recorder()
    quiet = ["-p", "no:terminal", "-p", "no:randomly", "-p", "no:django", "-p", "no:cacheprovider", "-p", "no:xdist"]
    os.chdir(folder)
    pytest.main(["-c", "/dev/null", "--rootdir", str(folder), *quiet, *(arguments or ["tests"])], [recorder])
    return recorder


def told(recorder: Recorder) -> int:
    """Print what came of the tests; return the status to end with."""
    by_file = recorder.by_file()
    print(f"{'':28}" + "".join(f"{outcome:>16}" for outcome in OUTCOMES))
    for file in sorted({file for file, _ in by_file}):
        print(f"{file:28}" + "".join(f"{by_file[file, outcome]:16}" for outcome in OUTCOMES))
    totals = Counter(outcome for outcome, _ in recorder.outcomes.values())
    print(f"{'all ' + str(totals.total()):28}" + "".join(f"{totals[outcome]:16}" for outcome in OUTCOMES))
    for wanted in (ABSENT, DIFFERS):
        print(f"\n{wanted}:")
        for reason, count in Counter(why for what, why in recorder.outcomes.values() if what == wanted).most_common():
            print(f"{count:6}  {reason}")
    bad = [f"{UNEXPLAINED} {name}: {why}" for name, (what, why) in recorder.outcomes.items() if what == UNEXPLAINED]
    wrong = [f"outcomes.txt: {line}" for line in recorder.unused()]
    print("", *bad, *wrong, sep="\n")
    return 1 if bad or wrong or not totals[PASSED] else 0


if __name__ == "__main__":
    sys.exit(told(run(fetched(), sys.argv[1:])))
