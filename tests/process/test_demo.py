"""The demo, as a newcomer runs it: SQLite, a broker made of files, nothing set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.site import ROOT


@pytest.mark.process
@pytest.mark.timeout(120)
def test_the_demo_shows_conversations_on_three_messengers_and_ends_well(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERMABOTS_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**kept, "PERMABOTS_DEMO_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Order 17: Flat white. Thank you!" in done.stdout
    assert "'name': 'Flat white'" in done.stdout
    assert done.stdout.count("Order 17 is ready in 4 minutes.") == 3
