"""Toy is one folder, and knows of permabots only what the guide to a new provider shows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import toy

FOLDER = Path(toy.__file__).parent
CODE = sorted(FOLDER.glob("*.py"))  # but for migrations, which Django writes
ROOT = Path(toy.__file__).parents[2]
GUIDE = ROOT / "docs" / "howto" / "add_a_provider.rst"
DOCUMENTED = {
    "permabots.exceptions",
    "permabots.values",
    "permabots.models.bot",
    "permabots.models.encrypted",
    "permabots.providers.base",
    "permabots.providers.base.contract",
    "permabots.providers.base.markup",
    "permabots.providers.base.json_parsing",
    "permabots.providers.base.signatures",
    "permabots.providers.base.splitting",
    "permabots.testing",
}
START = """
import uuid
import django
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from tests import settings_sqlite as project

names = {name: getattr(project, name) for name in dir(project) if name.isupper()}
names["INSTALLED_APPS"] = [*project.INSTALLED_APPS, "tests.toy"]
settings.configure(**names, PERMABOTS={"PROVIDERS": ["tests.toy.provider.Toy"]})
django.setup()
call_command("check")
print(reverse("permabots:toybot", args=[uuid.UUID(int=1)]))
print(reverse("api:bot-toy-list", args=[uuid.UUID(int=1)]))
print(reverse("admin:toy_toybot_changelist"))
"""
LONGEST = {"__init__.py": 1, "models.py": 25, "provider.py": 130, "client.py": 70, "server.py": 70}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return modules | {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_it_imports_what_is_documented_only(path: Path) -> None:
    assert {name for name in imports(path) if name.startswith("permabots")} <= DOCUMENTED


def test_it_is_these_files_and_no_more_lines() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in FOLDER.glob("*.py")}
    assert lines.keys() == LONGEST.keys()
    assert {name: count for name, count in lines.items() if count > LONGEST[name]} == {}
    assert sorted(path.name for path in (FOLDER / "migrations").glob("*.py")) == ["0001_initial.py", "__init__.py"]


def test_the_guide_shows_every_file_of_it_as_it_is() -> None:
    shown = set(re.findall(r"^\.\. literalinclude:: \S*tests/toy/(\S+)$", GUIDE.read_text(), re.MULTILINE))
    assert {path.name for path in CODE} - {"__init__.py"} <= shown
    assert all((FOLDER / name).exists() for name in shown)
    assert "   howto/add_a_provider\n" in (GUIDE.parents[1] / "index.rst").read_text()


def test_a_project_that_has_nothing_but_it_starts() -> None:
    done = subprocess.run([sys.executable, "-c", START], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one = "00000000-0000-0000-0000-000000000001"
    assert done.stdout.splitlines() == [
        "System check identified no issues (0 silenced).",
        f"/processing/toybot/{one}/",
        f"/permabots/api/bots/{one}/toy/",
        "/admin/toy/toybot/",
    ]


@pytest.mark.django_db
def test_its_migrations_say_what_its_model_says(installed: None) -> None:
    call_command("makemigrations", "toy", check=True, dry_run=True, verbosity=0)
