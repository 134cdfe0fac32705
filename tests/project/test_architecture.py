"""Who may import whom, and how long a file may be: the rules hold, and the linter that keeps them sees every breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "permabots"
LONGEST_FILE = 250
WRITTEN = sorted(path for path in PACKAGE.rglob("*.py") if path.parent.name != "migrations")

LAYERS = "One direction"
PLAIN = "Engine, providers and values are plain Python"
INDEPENDENCE = "No provider knows another"
DOOR = "Only the registry opens a provider"
PIPELINE = "The packages of the pipeline"
ENGINE = "The packages of the engine"

# Planted, so that there is something to import wrongly: another provider.
PLANTED = ("providers/another/__init__.py", "providers/another/client.py")

# (file that is planted or added to, what is put into it, the contract that must break)
BREACHES = [
    ("engine/planted.py", "from permabots import models", LAYERS),
    ("engine/planted.py", "from permabots.providers import telegram", LAYERS),
    ("engine/planted.py", "def late():\n    from permabots.pipeline import inbox", LAYERS),
    ("values.py", "from permabots import conf", LAYERS),
    ("exceptions.py", "from permabots import values", LAYERS),
    ("models/planted.py", "from permabots import pipeline", LAYERS),
    ("models/planted.py", "from permabots import tasks", LAYERS),
    ("pipeline/planted.py", "from permabots import tasks", LAYERS),
    ("tasks.py", "from permabots import views", LAYERS),
    ("serializers/planted.py", "from permabots import testing", LAYERS),
    ("testing/planted.py", "from permabots import admin", LAYERS),
    ("views/planted.py", "from permabots import admin", LAYERS),
    ("planted.py", "", LAYERS),
    ("engine/planted.py", "import django", PLAIN),
    ("engine/planted.py", "import celery", PLAIN),
    ("engine/planted.py", "from permabots import conf", PLAIN),
    ("values.py", "from rest_framework import serializers", PLAIN),
    ("providers/base/planted.py", "import django", PLAIN),
    ("providers/telegram/planted.py", "from permabots.providers import another", INDEPENDENCE),
    ("providers/another/planted.py", "from permabots.providers.telegram import rendering", INDEPENDENCE),
    ("providers/base/planted.py", "from permabots.providers import telegram", INDEPENDENCE),
    ("pipeline/planted.py", "from permabots.providers.telegram import client", DOOR),
    ("pipeline/planted.py", "from permabots.providers.another import client", DOOR),
    ("views/planted.py", "from permabots.providers.telegram import webhook", DOOR),
    ("pipeline/user_api/planted.py", "from permabots.pipeline import answering", PIPELINE),
    ("pipeline/lease.py", "from permabots.pipeline import receiving", PIPELINE),
    ("pipeline/sending/planted.py", "from permabots.pipeline import hooks", PIPELINE),
    ("pipeline/planted.py", "", PIPELINE),
    ("engine/templates/planted.py", "from permabots.engine import redaction", ENGINE),
    ("engine/http/planted.py", "from permabots.engine import trace", ENGINE),
    ("engine/planted.py", "", ENGINE),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package, to be spoilt."""
    shutil.copytree(PACKAGE, tmp_path / "permabots", ignore=shutil.ignore_patterns("__pycache__"))
    for name in PLANTED:
        path = tmp_path / "permabots" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def lint_imports(folder: Path) -> tuple[int, str]:
    command = [
        Path(sys.executable).with_name("lint-imports"),
        "--no-cache",
        "--no-logo",
        "--config",
        ROOT / "pyproject.toml",
    ]
    # COLUMNS keeps the names of contracts on one line; nothing else, so that the linter's own run is not measured.
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"COLUMNS": "200"}, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_import_goes_downward():
    code, output = lint_imports(ROOT)
    assert code == 0, output


def test_nothing_planted_is_a_breach_by_itself(tree: Path):
    code, output = lint_imports(tree)
    assert code == 0, output


@pytest.mark.parametrize(("file", "code", "contract"), BREACHES)
def test_a_breach_is_seen(tree: Path, file: str, code: str, contract: str):
    path = tree / "permabots" / file
    existing = path.read_text() if path.exists() else ""
    path.write_text(f"{existing}\n{code}\n")
    result, output = lint_imports(tree)
    broken = [line for line in output.splitlines() if " BROKEN" in line]
    assert result == 1
    assert any(line.startswith(contract) for line in broken), output


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_written_by_hand_is_too_long(path: Path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
