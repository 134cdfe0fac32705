"""Starting the load generator."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

from benchmarks.load.plan import Plan, Posted
from demo.site import ROOT


class LoadFailed(Exception):
    """The load generator ended badly; the message holds what it printed."""


def generate(plan: Plan) -> Posted:
    """Post messages from another process and wait until all are answered by the web server.

    Raises:
        LoadFailed: it could not post them.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise LoadFailed(done.stderr[-2000:])
    return Posted(**json.loads(done.stdout))
